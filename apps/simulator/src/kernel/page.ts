/** The frame of the pages for people, which each tool fills. */
import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

export interface Frame {
  /** As the title bar names it. */
  readonly tool: string;
  /** CSS of the page. */
  readonly style: string;
  /** What stands above every page. */
  readonly header: Html;
}

/** Makes a tool's pages: a title and its content, escaped, in the tool's frame. */
export function pageIn({ tool, style, header }: Frame): (title: string, content: Html) => Html {
  return (title, content) =>
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <title>${title} · ${tool} (simulator)</title>
          <style>
            ${style}
          </style>
        </head>
        <body>
          <header>${header}</header>
          <main>${content}</main>
        </body>
      </html>`;
}
