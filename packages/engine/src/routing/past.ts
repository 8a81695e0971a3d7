/** What documents are played against: past leads as they were, the documents in force, and what is known of holidays and times away. Reads only. */
import type { DecisionInput } from '@lockstep/domain/routing/decide.ts';
import type { Absence, Holiday } from '@lockstep/domain/routing/calendar.ts';
import type { PastLead } from '@lockstep/domain/routing/past-lead.ts';
import { documentsOf } from './environment.ts';
import type { Documents, RoutingEngine } from './environment.ts';

export interface PastRequest {
  /** Of the first decision, ISO. */
  readonly from: string;
  /** Not included. */
  readonly to: string;
  /** Decision of the last lead of the page before; null for the first page. */
  readonly after: string | null;
  readonly limit: number;
}

export interface PastPage {
  readonly leads: readonly PastLead[];
  /** The pools' credits when the first lead came, on the first page; null on the others. */
  readonly credits: DecisionInput['credits'] | null;
}

/** A page of past leads, in the order of their first decisions. */
export async function pastPage(engine: RoutingEngine, request: PastRequest): Promise<PastPage> {
  return engine.store.snapshot(async (reader) => {
    const leads = await reader.pastLeads(request);
    const first = request.after === null ? leads[0] : undefined;
    if (first === undefined) return { leads, credits: null };
    const [decision] = await reader.decisionsOf(first.leadId);
    return { leads, credits: decision?.input.credits ?? null };
  });
}

export interface RoutingContext {
  readonly documents: Documents;
  /** By region, of whole years. */
  readonly holidays: Readonly<Record<string, readonly Holiday[]>>;
  /** By person: what calendars say today of the time since `from`. */
  readonly absences: Readonly<Record<string, readonly Absence[]>>;
}

/** So many years after the last one: clocks look 400 days ahead. */
const YEARS_AHEAD = 2;

/**
 * The documents in force, and what is known of the hours of their people and of others; regions as `HolidaySource`.
 * @throws ConnectorError Invalid for a region that is not known. @throws NotConfigured without documents.
 */
export async function routingContext(
  engine: RoutingEngine,
  request: { readonly from: string; readonly to: string; readonly regions: readonly string[]; readonly members: readonly string[] },
): Promise<RoutingContext> {
  const documents = documentsOf(engine);
  const { people } = documents.roster;
  const [first, last] = [Number(request.from.slice(0, 4)), Number(request.to.slice(0, 4)) + YEARS_AHEAD];
  const years = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const regions = new Set([...people.flatMap(({ holidays }) => holidays ?? []), ...request.regions]);
  const members = [...new Set([...people.map(({ id }) => id), ...request.members])];
  const absences = await engine.store.snapshot((reader) => reader.absences(members, request.from));
  return {
    documents,
    holidays: Object.fromEntries([...regions].map((region) => [region, engine.holidays.holidaysOf(region, years)])),
    absences: Object.fromEntries(absences),
  };
}
