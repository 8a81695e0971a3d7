/**
 * What people do in a simulation of past leads, from what they did. Known is only who was asked about which lead, and what came of it. What somebody would have said
 * to a lead that they were not asked about nobody knows: it is drawn from what they said to other leads, or it is no answer at all. Pure, and the same
 * whenever it is asked: the draw depends on the lead and the person alone.
 *
 * Time is taken as people's working time from the moment they were asked: somebody who is asked at another hour takes as long. Who answered out of hours does so by the wall.
 * Who had not answered when the lead was taken from them, or has not by now, is taken for somebody who never would have.
 */
import { businessMsBetween, hoursOf, isCovered } from './business-time.ts';
import type { WorkCalendar } from './calendar.ts';
import { acknowledgedAtMs } from './past-lead.ts';
import type { PastLead, PastOffer } from './past-lead.ts';
import type { Behaviour, Question, Reaction } from './simulation-request.ts';

/** `usual`: as the person answers otherwise. `none`: never, the worst that can be. */
export type UnknownAnswers = 'usual' | 'none';

/** How an answer to a question is known. `own`: drawn from the same person's answers. `others`: from everybody's, because theirs are too few. */
export type AnswerSource = 'known' | 'own' | 'others' | 'none';

export interface PastBehaviour extends Behaviour {
  readonly sourceOf: (question: Pick<Question, 'leadId' | 'memberId' | 'as'>) => AnswerSource;
}

const MINUTE_MS = 60_000;
/** Fewer answers of somebody say nothing of what is usual. */
const LEAST_ANSWERS = 5;
const IGNORE: Reaction = { kind: 'ignore' };

type Asked = Pick<Question, 'leadId' | 'memberId' | 'as'>;

export function pastBehaviour(
  leads: readonly PastLead[],
  calendars: ReadonlyMap<string, WorkCalendar>,
  unknown: UnknownAnswers,
): PastBehaviour {
  const known = new Map<string, Reaction>();
  const habits = new Map<string, Reaction[]>();
  const keep = new Map<string, number>();
  for (const lead of leads) {
    for (const { asked, reaction } of reactionsTo(lead, calendars)) {
      if (known.has(keyOf(asked))) continue;
      known.set(keyOf(asked), reaction);
      for (const who of [`${asked.as} ${asked.memberId}`, asked.as]) {
        const habit = habits.get(who);
        if (habit === undefined) habits.set(who, [reaction]);
        else habit.push(reaction);
      }
    }
    const acknowledgedMs = acknowledgedAtMs(lead);
    if (acknowledgedMs !== null && lead.closedAt !== null)
      keep.set(lead.leadId, Math.max(0, Date.parse(lead.closedAt) - acknowledgedMs) / MINUTE_MS);
  }
  const habitOf = (asked: Asked): { readonly source: AnswerSource; readonly from: readonly Reaction[] } => {
    const own = habits.get(`${asked.as} ${asked.memberId}`) ?? [];
    if (unknown === 'none') return { source: 'none', from: [] };
    if (own.length >= LEAST_ANSWERS) return { source: 'own', from: own };
    const all = habits.get(asked.as) ?? [];
    return all.length >= LEAST_ANSWERS ? { source: 'others', from: all } : { source: 'none', from: [] };
  };
  return {
    reactTo: ({ asked: times, ...question }) => {
      const said = known.get(keyOf(question));
      if (times > 1) return IGNORE;
      if (said !== undefined) return said;
      const { from } = habitOf(question);
      return from[hashOf(keyOf(question)) % from.length] ?? IGNORE;
    },
    // A lead that nobody has closed takes its place to the end.
    keepsMinutes: ({ leadId }) => keep.get(leadId) ?? FOR_GOOD_MINUTES,
    sourceOf: (question) => (known.has(keyOf(question)) ? 'known' : habitOf(question).source),
  };
}

/** A hundred years. */
const FOR_GOOD_MINUTES = 100 * 366 * 1_440;

const keyOf = ({ leadId, memberId, as }: Asked): string => `${as} ${memberId} ${leadId}`;

/** What is known of a lead, in the order in which people were asked. */
function reactionsTo(
  lead: PastLead,
  calendars: ReadonlyMap<string, WorkCalendar>,
): readonly { readonly asked: Asked; readonly reaction: Reaction }[] {
  const { leadId, offers } = lead;
  return offers.map((offer) => {
    const { memberId, poolId, offeredAtMs } = offer;
    const calendar = calendars.get(memberId);
    const end = endOf(lead, offer);
    const as = poolId === null && memberId === lead.escalatedTo ? 'named' : 'owner';
    // A named person who took it over was asked when they were told.
    const fromMs = as === 'named' ? Math.min(lead.escalatedAtMs ?? offeredAtMs, offeredAtMs) : offeredAtMs;
    return { asked: { leadId, memberId, as }, reaction: end === null ? IGNORE : reactionOf(end.kind, fromMs, end.atMs, calendar) };
  });
}

function endOf(lead: PastLead, { state, offeredAtMs, answeredAtMs }: PastOffer): { kind: 'accept' | 'decline'; atMs: number } | null {
  const acknowledgedMs = acknowledgedAtMs(lead);
  if (answeredAtMs === null) return null;
  if (state === 'declined') return { kind: 'decline', atMs: answeredAtMs };
  if (state === 'accepted') return { kind: 'accept', atMs: answeredAtMs };
  // Given back, moved on or closed after a yes: the row says only when it ended. Whose yes ended it had no time with it.
  const isTheirs = acknowledgedMs !== null && offeredAtMs <= acknowledgedMs && acknowledgedMs < answeredAtMs;
  return isTheirs ? { kind: 'accept', atMs: acknowledgedMs } : null;
}

function reactionOf(kind: 'accept' | 'decline', fromMs: number, toMs: number, calendar: WorkCalendar | undefined): Reaction {
  const hours = calendar === undefined ? null : hoursOf(calendar);
  const isAtWork = hours !== null && (isCovered(hours, toMs) || isCovered(hours, toMs - 1));
  if (hours === null || !isAtWork) return { kind, afterMinutes: (toMs - fromMs) / MINUTE_MS, isByWall: true };
  return { kind, afterMinutes: businessMsBetween(hours, fromMs, toMs) / MINUTE_MS };
}

/** FNV-1a: small, and the same everywhere. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash;
}
