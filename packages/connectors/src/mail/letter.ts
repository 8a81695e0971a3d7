/** A notice as a mail: plain text, and the same in simple HTML. Nothing in it is loaded from anywhere, and no text of others reaches a header as it is. */
import { createHash } from 'node:crypto';
import type { Notice, NoticeReader } from '@lockstep/domain/routing/messenger.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { oneLine, shownInstant } from '../http/one-line.ts';
import { beginningOf } from '../http/text.ts';

/** What mail programs show of a subject in a list. */
const LONGEST_SUBJECT = 150;
const LONGEST_LINE = 2_000;
/** RFC 5321, 4.5.3.1: a local part and a domain. */
const LONGEST_ADDRESS = 254;

export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** `<…@domain>`: the same for the same key and reader, so that a mail program shows it once. */
  readonly messageId: string;
}

/** Rejects with `NotFound` where the reader has no address, with `Invalid` what is none. */
export function letterOf(key: string, reader: NoticeReader, notice: Notice, domain: string): Letter {
  const to = addressOf(reader.email);
  const lines = linesOf(notice, reader);
  const link = notice.link === null ? null : { label: clipped(notice.link.label), url: linkOf(notice.link.url) };
  const closing = notice.buttons.length === 0 ? [] : ['To answer, use Slack or the link above.'];
  const title = clipped(notice.title);
  return {
    to,
    subject: beginningOf(oneLine(notice.title), LONGEST_SUBJECT),
    text: [
      title,
      '',
      ...lines,
      ...(link === null ? [] : ['', `${link.label}: ${link.url}`]),
      ...closing.flatMap((line) => ['', line]),
      '',
    ].join('\n'),
    html: htmlOf(title, lines, link, closing),
    messageId: `<${createHash('sha256').update(`${key}\n${to.toLowerCase()}`).digest('hex').slice(0, 40)}@${domain}>`,
  };
}

function linesOf({ why, score, deadlineIso }: Notice, { locale, zone }: NoticeReader): readonly string[] {
  return [
    ...why.map((line) => `- ${clipped(line)}`),
    ...(score === null ? [] : [`Score: ${score}`]),
    ...(deadlineIso === null ? [] : [`Due: ${shownInstant(deadlineIso, locale, zone)}`]),
  ];
}

function clipped(text: string): string {
  const line = oneLine(text);
  return line.length <= LONGEST_LINE ? line : `${beginningOf(line, LONGEST_LINE)}… (cut)`;
}

/** One address and nothing else: no name, no list, no line break, nothing quoted. */
function addressOf(email: string | null): string {
  if (email === null) throw new ConnectorError('NotFound', 'Mail: expected an e-mail address of the reader, got none');
  if (email.length > LONGEST_ADDRESS || !/^[^\s"(),:;<>@[\\\]\p{Cc}\p{Cf}]+@[^\s"(),:;<>@[\\\]\p{Cc}\p{Cf}]+$/u.test(email))
    throw new ConnectorError('Invalid', 'Mail: expected one e-mail address of the reader, got something else');
  return email;
}

function linkOf(url: string): string {
  const href = URL.parse(url)?.href ?? '';
  if (!/^https?:\/\//.test(href)) throw new ConnectorError('Invalid', 'Mail: link: expected an address of http or https, got another');
  return href;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);

function htmlOf(
  title: string,
  lines: readonly string[],
  link: { readonly label: string; readonly url: string } | null,
  closing: readonly string[],
): string {
  const paragraphs = [...lines, ...closing].map((line) => `<p>${escaped(line)}</p>`);
  const anchor = link === null ? [] : [`<p><a href="${escaped(link.url)}">${escaped(link.label)}</a></p>`];
  return ['<!doctype html>', '<meta charset="utf-8">', `<h3>${escaped(title)}</h3>`, ...paragraphs, ...anchor].join('\n');
}
