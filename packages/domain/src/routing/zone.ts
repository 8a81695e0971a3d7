/**
 * What a zone's clock on the wall is away from UTC, and since when. The only module that asks the Temporal-API polyfill; that one asks the platform's
 * Intl, so that the version of the time-zone data is the one of Node (`process.versions.tz`).
 */
import { Temporal } from 'temporal-polyfill';

/** A stretch of time in which a zone's offset does not change: `fromMs` to before `toMs`, epoch milliseconds. The wall shows `instant + offsetMs`. */
export interface OffsetSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly offsetMs: number;
}

export const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** What is worked out, and kept, at once: four weeks, counted from 1970. */
export const CHUNK_MS = 4 * WEEK_MS;
/** Offsets change on whole seconds in the time-zone data. */
const SECOND_MS = 1_000;
/** RFC 5545 and the zone data know no offset as far as a day. */
const FARTHEST_OFFSET_MS = DAY_MS;

/** Zones are few and their offsets do not change while the process runs; what is known of one is kept. */
const known = new Map<string, Map<number, readonly OffsetSpan[]>>();

/** Whether the platform knows a zone of this name: an IANA name such as `Europe/Berlin`. */
export function isZone(zone: string): boolean {
  // The polyfill also takes "+02:00", which is an offset: it has no summer.
  if (/^[+-]/.test(zone)) return false;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone).epochMilliseconds === 0;
  } catch {
    return false;
  }
}

/** The offsets of one chunk, in order and without holes, cut at the chunk's borders. @throws RangeError for a zone that is none. */
export function offsetsOf(zone: string, chunk: number): readonly OffsetSpan[] {
  let chunks = known.get(zone);
  if (chunks === undefined) {
    chunks = new Map();
    known.set(zone, chunks);
  }
  let spans = chunks.get(chunk);
  if (spans === undefined) {
    spans = probed(zone, chunk);
    chunks.set(chunk, spans);
  }
  return spans;
}

/** How far the wall is ahead of UTC at an instant, in milliseconds. */
export function offsetAt(zone: string, instantMs: number): number {
  const spans = offsetsOf(zone, Math.floor(instantMs / CHUNK_MS));
  for (const { toMs, offsetMs } of spans) if (instantMs < toMs) return offsetMs;
  return offsetOf(zone, instantMs);
}

/**
 * The instant at which a zone's wall shows `wallMs` (its date and time read as if they were UTC). Shown twice: the first time. Never shown: as if the clocks
 * had not been put forward (RFC 5545, section 3.3.5: "the DATE-TIME value is interpreted using the UTC offset before the gap").
 */
export function instantOf(zone: string, wallMs: number): number {
  const before = offsetAt(zone, wallMs - FARTHEST_OFFSET_MS);
  const after = offsetAt(zone, wallMs + FARTHEST_OFFSET_MS);
  const early = wallMs - before;
  if (before === after || offsetAt(zone, early) === before) return early;
  const late = wallMs - after;
  return offsetAt(zone, late) === after ? late : early;
}

/**
 * Asks once a week; between two answers that differ, the second of the change is looked for. Two changes within one week would be taken for one, or for none:
 * since 1970 the zone data have none so close (the closest are Morocco's, around Ramadan, five weeks).
 */
function probed(zone: string, chunk: number): readonly OffsetSpan[] {
  const endMs = (chunk + 1) * CHUNK_MS;
  const spans: OffsetSpan[] = [];
  let fromMs = chunk * CHUNK_MS;
  let offsetMs = offsetOf(zone, fromMs);
  for (let weekMs = fromMs + WEEK_MS; weekMs <= endMs; weekMs += WEEK_MS) {
    const next = offsetOf(zone, weekMs);
    if (next === offsetMs) continue;
    const changeMs = changeBetween(zone, weekMs - WEEK_MS, weekMs);
    if (changeMs > fromMs) spans.push({ fromMs, toMs: changeMs, offsetMs });
    fromMs = changeMs;
    offsetMs = next;
  }
  if (fromMs < endMs) spans.push({ fromMs, toMs: endMs, offsetMs });
  return spans;
}

/** The first second with the offset of the later instant. */
function changeBetween(zone: string, earlyMs: number, lateMs: number): number {
  const wanted = offsetOf(zone, lateMs);
  let [low, high] = [earlyMs / SECOND_MS, lateMs / SECOND_MS];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetOf(zone, middle * SECOND_MS) === wanted) high = middle;
    else low = middle;
  }
  return high * SECOND_MS;
}

function offsetOf(zone: string, instantMs: number): number {
  return Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(zone).offsetNanoseconds / 1_000_000;
}
