/**
 * A notice as Block Kit. Texts of others are inert: on one line, `&`, `<` and `>` escaped, so that no mention, channel or link comes of them, and `verbatim`,
 * so that Slack makes none by itself. What is too long is cut between characters, and the message says so.
 * Sources: https://docs.slack.dev/messaging/formatting-message-text (escaping), https://docs.slack.dev/reference/block-kit (limits).
 */
import type { Notice, NoticeButton, NoticeLink, NoticeReader } from '@lockstep/domain/routing/messenger.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { oneLine, shownInstant } from '../http/one-line.ts';

/** Slack's limits, in UTF-16 code units as sent. */
const LONGEST = { section: 3_000, label: 75, actionId: 255, value: 2_000, url: 3_000 } as const;
/** Our own: a title is read in a notification. */
const LONGEST_TITLE = 150;
const MOST_BUTTONS = 25;

interface MarkdownText {
  readonly type: 'mrkdwn';
  readonly text: string;
  readonly verbatim: true;
}

interface Button {
  readonly type: 'button';
  readonly text: { readonly type: 'plain_text'; readonly text: string; readonly emoji: false };
  readonly action_id: string;
  readonly value: string;
  readonly style?: 'primary' | 'danger';
}

export type Block =
  | { readonly type: 'section'; readonly text: MarkdownText }
  | { readonly type: 'context'; readonly elements: readonly MarkdownText[] }
  | { readonly type: 'actions'; readonly block_id: string; readonly elements: readonly Button[] };

export interface RenderedNotice {
  /** For notifications and screen readers. */
  readonly text: string;
  readonly blocks: readonly Block[];
  /** What was cut, in words for people; empty where nothing was. */
  readonly clipped: readonly string[];
}

/** Rejects with `Invalid` what must not be cut: ids and values of buttons, the address of a link. */
export function renderedNotice(notice: Notice, reader: NoticeReader): RenderedNotice {
  const clipped: string[] = [];
  const within = (name: string, text: string, most: number): string => {
    const { text: kept, isCut } = escapedWithin(oneLine(text), most);
    if (isCut) clipped.push(name);
    return kept;
  };
  const title = within('title', notice.title, LONGEST_TITLE);
  const why = reasonsWithin(notice.why, LONGEST.section, () => clipped.push('reasons'));
  const facts = factsOf(notice, reader, within);
  const blocks: Block[] = [section(`*${title}*`)];
  if (why !== '') blocks.push(section(why));
  if (facts.length > 0) blocks.push({ type: 'context', elements: facts.map(markdown) });
  if (notice.buttons.length > 0) blocks.push(actions(notice.buttons, within));
  if (clipped.length > 0)
    blocks.push({ type: 'context', elements: [markdown(`Too long for Slack and cut: ${[...new Set(clipped)].join(', ')}.`)] });
  const due = notice.deadlineIso === null ? '' : ` · ${escaped(shownInstant(notice.deadlineIso, reader.locale, reader.zone))}`;
  return { text: `${title}${due}`, blocks, clipped: [...new Set(clipped)] };
}

const markdown = (text: string): MarkdownText => ({ type: 'mrkdwn', text, verbatim: true });
const section = (text: string): Block => ({ type: 'section', text: markdown(text) });

type Within = (name: string, text: string, most: number) => string;

/** Reasons, one a line, as many as fit: one that does not is cut, and those behind it are left out. */
function reasonsWithin(lines: readonly string[], most: number, onCut: () => void): string {
  let text = '';
  for (const line of lines) {
    const start = `${text === '' ? '' : '\n'}• `;
    const room = most - text.length - start.length;
    const { text: kept, isCut } = room < 2 ? { text: '', isCut: true } : escapedWithin(oneLine(line), room);
    if (kept !== '') text += `${start}${kept}`;
    if (isCut) {
      onCut();
      break;
    }
  }
  return text;
}

function factsOf(notice: Notice, reader: NoticeReader, within: Within): readonly string[] {
  const facts: string[] = [];
  if (notice.score !== null) facts.push(`Score ${notice.score}`);
  if (notice.deadlineIso !== null) facts.push(`Due ${escaped(shownInstant(notice.deadlineIso, reader.locale, reader.zone))}`);
  if (notice.link !== null) facts.push(linkOf(notice.link, within));
  return facts;
}

/** `<address|label>`, whose label cannot end it. */
function linkOf({ label, url }: NoticeLink, within: Within): string {
  const href = URL.parse(url)?.href ?? '';
  if (!/^https?:\/\//.test(href)) throw invalid('link', 'an address of http or https', `${url.length} other characters`);
  const address = escaped(href.replaceAll('|', '%7C'));
  if (address.length > LONGEST.url) throw invalid('link', `an address of at most ${LONGEST.url} characters`, String(address.length));
  return `<${address}|${within('label of the link', label, LONGEST.label).replaceAll('|', '¦')}>`;
}

function actions(buttons: readonly NoticeButton[], within: Within): Block {
  if (buttons.length > MOST_BUTTONS) throw invalid('buttons', `at most ${MOST_BUTTONS}`, String(buttons.length));
  return { type: 'actions', block_id: 'lockstep_actions', elements: buttons.map((button) => buttonOf(button, within)) };
}

function buttonOf({ label, actionId, value, tone }: NoticeButton, within: Within): Button {
  if (actionId === '' || actionId.length > LONGEST.actionId)
    throw invalid('actionId of a button', `1 to ${LONGEST.actionId} characters`, String(actionId.length));
  if (value.length > LONGEST.value) throw invalid('value of a button', `at most ${LONGEST.value} characters`, String(value.length));
  return {
    type: 'button',
    text: { type: 'plain_text', text: within('label of a button', label, LONGEST.label), emoji: false },
    action_id: actionId,
    value,
    ...(tone === 'plain' ? {} : { style: tone }),
  };
}

function invalid(what: string, expected: string, got: string): ConnectorError {
  return new ConnectorError('Invalid', `Slack notice: ${what}: expected ${expected}, got ${got}`);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Slack's three control characters as entities; nothing else is to be escaped. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>]/g, (sign) => ENTITIES[sign] ?? sign);
}

/** The escaped text, or its longest beginning that fits with the sign of omission, ended between characters and never within an entity. */
function escapedWithin(text: string, most: number): { readonly text: string; readonly isCut: boolean } {
  const whole = escaped(text);
  if (whole.length <= most) return { text: whole, isCut: false };
  let kept = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const next = escaped(segment);
    if (kept.length + next.length + 1 > most) break;
    kept += next;
  }
  return { text: `${kept}…`, isCut: true };
}
