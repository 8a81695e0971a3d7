/** Notes, calls, e-mails, meetings and tasks that hang on a record and were not made by us (case 47). */
import { inPieces } from './client.ts';
import type { Parts } from './connector.ts';
import { isMadeBy } from './identity.ts';

const ACTIVITIES = ['notes', 'calls', 'emails', 'meetings', 'tasks'] as const;
/** Who made a record, on every object. */
const SOURCE = ['hs_object_source', 'hs_object_source_id'];
const ASSOCIATION_BATCH = 1_000;
const READ_BATCH = 100;

/** Which of the records have such content. A page of associations is enough: a record with more than that has plenty. */
export async function recordsWithHumanContent(parts: Parts, object: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const appId = await parts.identity.appId();
  const found = new Set<string>();
  for (const activity of ACTIVITIES.filter((name) => name !== object)) {
    const undecided = ids.filter((id) => !found.has(id)).map((id) => ({ id }));
    const pages = await inPieces(undecided, ASSOCIATION_BATCH, (piece) => parts.client.associated(object, activity, piece));
    const links = pages.flat();
    const owners = links.flatMap(({ from, to }) => to.map(({ toObjectId }) => ({ activityId: toObjectId, recordId: from.id })));
    const ours = await madeByUs(parts, activity, [...new Set(owners.map(({ activityId }) => activityId))], appId);
    for (const { activityId, recordId } of owners) if (!ours.has(activityId)) found.add(recordId);
  }
  return found;
}

/** One that cannot be read counts as somebody else's. */
async function madeByUs({ client }: Parts, object: string, ids: readonly string[], appId: string): Promise<ReadonlySet<string>> {
  const answers = await inPieces(ids, READ_BATCH, (piece) => client.read({ object, ids: piece, properties: SOURCE }));
  const records = answers.flatMap(({ answer }) => answer.results);
  return new Set(records.filter(({ properties }) => isMadeBy(appId, properties)).map(({ id }) => id));
}
