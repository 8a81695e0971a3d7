/** Segment's calls → our product events. A bad call of a batch loses nothing of the others; the same call read twice is the same event (R7). */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';
import type { Traits } from './condition.ts';
import { valueAt } from './condition.ts';
import { companyDomain, mailAddress, NO_EXCLUSIONS } from './domain-name.ts';
import type { ExcludedDomains } from './domain-name.ts';
import type { SegmentCall } from './event.schema.ts';
import { segmentBatchSchema, segmentCallSchema } from './event.schema.ts';
import { pathText, schemaProblems } from './problem.ts';
import type { Path, Problem } from './problem.ts';

/** A piece of evidence. Holds personal data: it lives in PostgreSQL, never in an id or a log. */
export interface ProductEvent {
  /** Of the sender; `derived:` and a hash of the call where it has sent none. One event has one, however often it is delivered. */
  readonly messageId: string;
  readonly type: 'track' | 'identify' | 'group';
  /** Of a track; null else. */
  readonly name: string | null;
  /** `group:<id>`, `domain:<registrable domain>` or `person:<mail or id>`: whose score it counts for. */
  readonly accountKey: string;
  readonly userId: string | null;
  readonly anonymousId: string | null;
  readonly groupId: string | null;
  readonly email: string | null;
  /** Properties of a track, traits of the others. */
  readonly values: Traits;
  /** When it happened, corrected for the sender's clock, never after `receivedAt`; ISO with milliseconds, UTC. */
  readonly occurredAt: string;
  readonly receivedAt: string;
  /** Imported history: no 5-minute alarms for it (case 29). */
  readonly isBackfill: boolean;
}

export type EventReading =
  | { readonly kind: 'event'; readonly event: ProductEvent }
  /** Well-formed, and nothing that we use. */
  | { readonly kind: 'ignored'; readonly type: 'page' | 'screen' | 'alias' }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

export interface ReadingContext {
  /** The server's clock; ISO. */
  readonly receivedAt: string;
  readonly isBackfill: boolean;
  /** Decides which mail domains are a company's. */
  readonly excluded?: ExcludedDomains;
}

/** Segment's own: 32 KB a call, 500 KB a batch, in bytes of UTF-8. */
export const MOST_BYTES = { event: 32 * 1024, batch: 500 * 1024 } as const;
/** Levels of objects and lists in a call. */
const MOST_LEVELS = 32;
/** As JSON escapes them: PostgreSQL takes neither, and one of them must not cost the other calls of its batch. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;
const REMEDY = 'see https://segment.com/docs/connections/spec/; the other calls of the batch are taken';

/**
 * A body of `POST /v1/events`: one call, or `{"batch": […]}`. Readings are in the order of the calls. `bytes` is the length of the body as it came.
 * Refused as a whole only where it is too large or no call can be told from another.
 */
export function readPayload(body: unknown, bytes: number, context: ReadingContext): readonly EventReading[] {
  if (!isObject(body) || !Object.hasOwn(body, 'batch')) return [readEvent(body, context)];
  if (bytes > MOST_BYTES.batch)
    return [refused([], `a batch of at most ${MOST_BYTES.batch} bytes`, `${bytes}`, 'send it in several parts; nothing of it was taken')];
  const envelope = segmentBatchSchema.safeParse(body);
  if (!envelope.success)
    return [{ kind: 'refused', problems: schemaProblems(envelope.error.issues, body, { remedy: 'nothing of the batch was taken' }) }];
  const { batch, sentAt, context: shared } = envelope.data;
  return batch.map((call, index) => readEvent(call, context, { path: ['batch', index], sentAt, shared }));
}

interface Place {
  readonly path: Path;
  /** Of the batch. */
  readonly sentAt: string | null;
  readonly shared: SegmentCall['context'] | null;
}

const ALONE: Place = { path: [], sentAt: null, shared: null };

/** Reads one call. Total: whatever comes, one reading. */
export function readEvent(call: unknown, context: ReadingContext, place: Place = ALONE): EventReading {
  const { path } = place;
  if (levelsOf(call) > MOST_LEVELS) return refused(path, `at most ${MOST_LEVELS} levels of objects and lists`, 'more', REMEDY);
  const text = JSON.stringify(call) ?? '';
  if (UNSTORABLE.test(text)) return refused(path, 'text without U+0000 and without halves of surrogate pairs', 'one of them', REMEDY);
  const bytes = utf8ToBytes(text).length;
  if (bytes > MOST_BYTES.event) return refused(path, `a call of at most ${MOST_BYTES.event} bytes`, `${bytes}`, REMEDY);
  const parsed = segmentCallSchema.safeParse(call);
  if (!parsed.success) {
    const problems = schemaProblems(parsed.error.issues, call, { remedy: REMEDY });
    return { kind: 'refused', problems: problems.map((problem) => ({ ...problem, path: joined(path, problem.path) })) };
  }
  const { type } = parsed.data;
  if (type === 'page' || type === 'screen' || type === 'alias') return { kind: 'ignored', type };
  const known = { ...parsed.data, sentAt: parsed.data.sentAt ?? place.sentAt };
  const missing = missingOf(known);
  if (missing !== null) return refused([...path, missing.field], missing.expected, 'nothing', REMEDY);
  return { kind: 'event', event: eventOf(known, type, call, context, place.shared) };
}

/** What a call of its type needs besides. A call for a group alone is taken: servers know the account and not always the person. */
function missingOf(call: SegmentCall): { readonly field: string; readonly expected: string } | null {
  const hasTime = call.timestamp !== null || call.originalTimestamp !== null;
  if (call.type === 'track' && (call.event ?? '') === '') return { field: 'event', expected: 'the name of what happened' };
  if (call.type === 'group' && call.groupId === null) return { field: 'groupId', expected: 'the id of the group' };
  if (call.userId === null && call.anonymousId === null && call.groupId === null && call.context.groupId === null)
    return { field: 'userId', expected: 'a userId, an anonymousId or a groupId' };
  if (call.messageId === null && !hasTime)
    return { field: 'messageId', expected: 'a messageId, or a timestamp from which to tell a call that is delivered twice' };
  return null;
}

function eventOf(
  call: SegmentCall,
  type: ProductEvent['type'],
  raw: unknown,
  { receivedAt, isBackfill, excluded = NO_EXCLUSIONS }: ReadingContext,
  shared: SegmentCall['context'] | null,
): ProductEvent {
  const values = (type === 'track' ? call.properties : call.traits) as Traits;
  const groupId = call.groupId ?? call.context.groupId ?? shared?.groupId ?? null;
  const places = [call.traits, call.context.traits, call.properties, shared?.traits ?? {}].map((place) =>
    valueAt(place as Traits, 'email'),
  );
  const email = [...places, call.userId]
    .flatMap((text) => (typeof text === 'string' ? [mailAddress(text)] : []))
    .find((mail) => mail !== null);
  const { userId, anonymousId } = call;
  // An import comes long after the sending: only who received the call then can tell the sender's clock.
  const times = isBackfill ? { ...call, sentAt: call.receivedAt === null ? null : call.sentAt } : call;
  const who = { groupId, email: email ?? null, userId, anonymousId };
  return {
    messageId: call.messageId ?? derivedId(raw),
    type,
    name: type === 'track' ? (call.event ?? null) : null,
    accountKey: accountKeyOf(who, excluded),
    ...who,
    values,
    occurredAt: occurredAt({ ...times, receivedAt: isBackfill ? (call.receivedAt ?? receivedAt) : receivedAt }),
    receivedAt: new Date(receivedAt).toISOString(),
    isBackfill,
  };
}

/** Whose score an event counts for: the group, else the company of the mail address; people with private mail stand for themselves. */
export function accountKeyOf(
  who: Pick<ProductEvent, 'groupId' | 'email' | 'userId' | 'anonymousId'>,
  excluded: ExcludedDomains = NO_EXCLUSIONS,
): string {
  if (who.groupId !== null) return `group:${who.groupId}`;
  if (who.email === null) return `person:${who.userId === null ? `anonymous:${who.anonymousId}` : `user:${who.userId}`}`;
  const reading = companyDomain(who.email, excluded);
  const isOneAccount = reading.kind === 'company' || reading.reason === 'COMPETITOR' || reading.reason === 'TEST_DOMAIN';
  return isOneAccount && reading.domain !== null ? `domain:${reading.domain}` : `person:${who.email}`;
}

/**
 * Segment's correction of the sender's clock: receivedAt − (sentAt − originalTimestamp). Libraries send the time of the call as `timestamp`, which Segment
 * then calls `originalTimestamp`. Without `sentAt` the time stands as it was given (imported history), without any it is `receivedAt`; where both names
 * are there, somebody has corrected `timestamp` already. Never after `receivedAt`: nothing has happened that has not happened yet.
 */
export function occurredAt(times: {
  readonly timestamp: string | null;
  readonly originalTimestamp: string | null;
  readonly sentAt: string | null;
  readonly receivedAt: string;
}): string {
  const received = Date.parse(times.receivedAt);
  const original = times.originalTimestamp ?? times.timestamp;
  const isCorrected = times.originalTimestamp !== null && times.timestamp !== null;
  const at =
    original === null
      ? received
      : isCorrected
        ? Date.parse(times.timestamp ?? original)
        : times.sentAt === null
          ? Date.parse(original)
          : received - (Date.parse(times.sentAt) - Date.parse(original));
  return new Date(Math.min(at, received)).toISOString();
}

/** The same for every delivery of a call: `sentAt` changes with each attempt. */
function derivedId(raw: unknown): string {
  const { sentAt: _sentAt, ...call } = raw as Readonly<Record<string, unknown>>;
  return `derived:${bytesToHex(sha256(utf8ToBytes(canonicalize(call) ?? '')))}`;
}

function refused(path: Path, expected: string, got: string, remedy: string): EventReading {
  return { kind: 'refused', problems: [{ severity: 'error', file: null, line: null, path: pathText(path), expected, got, remedy }] };
}

function joined(path: Path, rest: string): string {
  const head = pathText(path);
  return head === '' || rest === '' || rest.startsWith('[') ? `${head}${rest}` : `${head}.${rest}`;
}

/** Depth without recursion: a call of 16,000 brackets must not end the process. Counting ends one level above the most that is taken. */
function levelsOf(value: unknown): number {
  let level = 0;
  for (let values = [value].filter(isNested); values.length > 0 && level <= MOST_LEVELS; level += 1)
    values = values.flatMap((nested) => Object.values(nested)).filter(isNested);
  return level;
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => isNested(value) && !Array.isArray(value);
