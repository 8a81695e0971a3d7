/** The text of an iCalendar file cut into its components, so that one that cannot be read costs nothing of the others. Source: RFC 5545. */
import ICAL from 'ical.js';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { FeedProblem } from '@lockstep/domain/routing/calendar.port.ts';

/** A file that is longer is not looked at. */
export const MOST_BYTES = 10_000_000;
/** More entries than that are nobody's calendar. */
const MOST_ENTRIES = 50_000;

export type JsonProperty = readonly [
  name: string,
  parameters: Readonly<Record<string, string | readonly string[]>>,
  type: string,
  ...values: unknown[],
];

/** A component as ical.js gives it (jCal, RFC 7265). */
export interface Component {
  /** `vevent` … */
  readonly name: string;
  readonly properties: readonly JsonProperty[];
  readonly json: unknown;
  /** For messages: "VEVENT 3", counted from 1. */
  readonly place: string;
}

export interface IcsText {
  readonly components: readonly Component[];
  /** The whole file takes its entries back (RFC 5546, METHOD:CANCEL). */
  readonly isCancelled: boolean;
  readonly problems: readonly FeedProblem[];
}

/** What is wrong with one entry; the others are read. Its message repeats nothing that a person has written. */
export class EntryProblem extends Error {
  override readonly name = 'EntryProblem';
}

const BLOCK = /^BEGIN:(VEVENT|VFREEBUSY|VTIMEZONE)[^\S\r\n]*$[\s\S]*?^END:\1[^\S\r\n]*$/gim;

/** @throws ConnectorError Invalid where it is no whole calendar: an error page, a download that broke off, more than anybody has. */
export function readText(text: string): IcsText {
  if (text.length > MOST_BYTES)
    throw new ConnectorError('Invalid', `calendar: expected at most ${MOST_BYTES} characters, got ${text.length}`);
  const whole = text.replace(/^\uFEFF/, '').trim();
  if (!/^BEGIN:VCALENDAR\s/i.test(whole) || !/\sEND:VCALENDAR$/i.test(whole))
    throw new ConnectorError(
      'Invalid',
      'calendar: expected iCalendar text from BEGIN:VCALENDAR to END:VCALENDAR, got something else, or a part of it',
    );
  const blocks = whole.match(BLOCK) ?? [];
  const begun = whole.match(/^BEGIN:(VEVENT|VFREEBUSY|VTIMEZONE)[^\S\r\n]*$/gim)?.length ?? 0;
  if (begun !== blocks.length)
    throw new ConnectorError('Invalid', `calendar: expected every entry to end, got ${begun} that begin and ${blocks.length} that end`);
  if (blocks.length > MOST_ENTRIES)
    throw new ConnectorError('Invalid', `calendar: expected at most ${MOST_ENTRIES} entries, got ${blocks.length}`);
  const components: Component[] = [];
  const problems: FeedProblem[] = [];
  for (const [index, block] of blocks.entries()) {
    const read = readBlock(block, index);
    if ('message' in read) problems.push(read);
    else components.push(read);
  }
  return { components, problems, isCancelled: /^METHOD:CANCEL[^\S\r\n]*$/im.test(whole) };
}

function readBlock(block: string, index: number): Component | FeedProblem {
  const place = `${(/^BEGIN:(\w+)/i.exec(block)?.[1] ?? '').toUpperCase()} ${index + 1}`;
  try {
    const json = ICAL.parse(block) as unknown as readonly [string, readonly JsonProperty[]];
    return { name: json[0], properties: json[1], json, place };
  } catch {
    // Their message quotes the line.
    return { entry: place, message: 'expected lines as in RFC 5545, got one that cannot be read' };
  }
}

/** All properties of a name. */
export function propertiesOf(component: Component, name: string): readonly JsonProperty[] {
  return component.properties.filter(([found]) => found === name);
}

/** The first value of a property, as text in capitals; null where there is none. For codes: STATUS, TRANSP. */
export function codeOf(component: Component, name: string): string | null {
  const value = propertiesOf(component, name)[0]?.[3];
  return typeof value === 'string' ? value.toUpperCase() : null;
}
