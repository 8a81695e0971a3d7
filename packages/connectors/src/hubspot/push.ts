/**
 * Writing tasks in batches. A create is an upsert by our unique property: sent twice, it makes one task (law S4). HubSpot has no precondition for an
 * update: the history read after it shows an edit that came in between, and the value that was written over is reported.
 */
import type { FieldName } from '@lockstep/domain/backlog/item.ts';
import { sameValue } from '@lockstep/domain/backlog/value.ts';
import type {
  FieldNotice,
  Overwritten,
  RemoteChange,
  RemoteDraft,
  RemoteRemoval,
  WriteOutcome,
} from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { writeRows } from './batch.ts';
import type { RowOutcome } from './batch.ts';
import type { HubSpotClient } from './client.ts';
import { decodeTask, decodeValue, encodeTask, mappedProperties, taskOf } from './mapping.ts';
import type { EncodedTask, Layout } from './mapping.ts';
import type { WireObject, WireVersion } from './wire.ts';

/** Rows of one call. */
export const BATCH = 100;
/** HubSpot takes fewer where histories are asked for. */
const HISTORY_BATCH = 50;

export interface Writing {
  readonly client: HubSpotClient;
  readonly layout: Layout;
}

/** Makes tasks, at most `BATCH`. */
export async function createTasks({ client, layout }: Writing, drafts: readonly RemoteDraft[]): Promise<readonly WriteOutcome[]> {
  const encoded = drafts.map((draft) => encodeTask(layout, { ...draft, before: null }));
  const title = layout.mapping.fields.title?.remote;
  // A title that is cut is a title.
  const nameless = encoded.map(({ refused }) => refused.find(({ field, cause }) => field === 'title' && cause !== 'clipped'));
  const rows = drafts.flatMap((draft, index) =>
    nameless[index] === undefined ? [{ key: draft.marker, properties: encoded[index]?.properties ?? {} }] : [],
  );
  const outcomes = await writeRows({
    rows,
    place: 'tasks/batch/upsert',
    required: new Set([layout.markerProperty, layout.kindProperty, 'hs_timestamp', ...(title === undefined ? [] : [title])]),
    inputOf: ({ key, properties }) => ({ id: key, idProperty: layout.markerProperty, properties, objectWriteTraceId: key }),
    keyOf: (task) => task.objectWriteTraceId ?? task.properties[layout.markerProperty] ?? null,
    send: (inputs) => client.write('upsert', inputs),
  });
  const made = [...outcomes.values()].flatMap((outcome) => (outcome.written ? [outcome.task] : []));
  const whole = await completed({ client, layout }, made);
  return drafts.map((draft, index) => {
    const problem = nameless[index];
    if (problem !== undefined) return { ok: false, error: new ConnectorError('Invalid', problem.message) };
    return outcomeOf(outcomes.get(draft.marker), (outcome) => ({
      ok: true,
      record: decodeTask(layout, whole.get(outcome.task.id) ?? outcome.task),
      overwritten: [],
      refused: [...(encoded[index]?.refused ?? []), ...leftOut(layout, draft.kind, outcome)],
    }));
  });
}

/**
 * Answers with what they lack: values that HubSpot fills in by itself are not in every answer. What an answer says stands, since an edit may have come
 * since. Where the reading fails the answers stand alone: the tasks are made.
 */
async function completed({ client, layout }: Writing, tasks: readonly WireObject[]): Promise<ReadonlyMap<string, WireObject>> {
  const lacking = tasks.filter((task) => layout.properties.some((name) => !(name in task.properties)));
  const whole = new Map(tasks.map((task) => [task.id, task]));
  if (lacking.length === 0) return whole;
  const read = await unlessRefused(client.read({ ids: lacking.map((task) => task.id), properties: layout.properties, isAfterWrite: true }));
  for (const task of read ?? []) {
    const answer = whole.get(task.id);
    whole.set(task.id, { ...task, properties: { ...task.properties, ...answer?.properties } });
  }
  return whole;
}

/** Changes tasks, at most `BATCH`. */
export async function updateTasks(writing: Writing, changes: readonly RemoteChange[]): Promise<readonly WriteOutcome[]> {
  const { client, layout } = writing;
  const encoded = changes.map((change) =>
    withoutNews(encodeTask(layout, { ...change, before: taskOf(change.before) }), taskOf(change.before)),
  );
  const outcomes = await writeRows({
    rows: changes.flatMap((change, index) => {
      const properties = encoded[index]?.properties ?? {};
      return Object.keys(properties).length === 0 ? [] : [{ key: change.remoteId, properties }];
    }),
    place: 'tasks/batch/update',
    required: new Set(),
    inputOf: ({ key, properties }) => ({ id: key, properties, objectWriteTraceId: key }),
    keyOf: (task) => task.id,
    send: (inputs) => client.write('update', inputs),
  });
  const histories = await historiesOf(writing, changes, encoded, outcomes);
  return changes.map((change, index) => {
    const { properties = {}, refused = [] } = encoded[index] ?? {};
    if (Object.keys(properties).length === 0) return { ok: true, record: change.before, overwritten: [], refused };
    return outcomeOf(outcomes.get(change.remoteId), (outcome) => {
      const seen = histories?.get(change.remoteId);
      const notices = [...refused, ...leftOut(layout, change.kind, outcome), ...(histories === null ? [UNSEEN_HISTORY] : [])];
      return { ok: true, ...updated(layout, change, properties, outcome, seen), refused: notices };
    });
  });
}

/**
 * Without the values that the task shows already (the clip of a longer text, say). HubSpot makes no version of what changes nothing, so that the history
 * would show the value before somebody's edit as the one that we replaced.
 */
function withoutNews(encoded: EncodedTask, before: WireObject | null): EncodedTask {
  const properties = Object.entries(encoded.properties).filter(([name, value]) => value !== before?.properties[name]);
  return { ...encoded, properties: Object.fromEntries(properties) };
}

const UNSEEN_HISTORY: FieldNotice = {
  field: null,
  cause: 'unreadable',
  message:
    'the history of what was just written could not be read: an edit made in HubSpot in the moment of writing would not have been noticed',
};

/** The histories of all that was written, by task; null where they cannot be read now. */
async function historiesOf(
  { client, layout }: Writing,
  changes: readonly RemoteChange[],
  encoded: readonly EncodedTask[],
  outcomes: ReadonlyMap<string, RowOutcome>,
): Promise<ReadonlyMap<string, WireObject> | null> {
  const ids = changes.flatMap(({ remoteId }) => (outcomes.get(remoteId)?.written === true ? [remoteId] : []));
  const history = [...new Set(encoded.flatMap(({ properties }) => Object.keys(properties)))].sort();
  const found = new Map<string, WireObject>();
  for (let start = 0; start < ids.length; start += HISTORY_BATCH) {
    const request = { ids: ids.slice(start, start + HISTORY_BATCH), properties: layout.properties, history, isAfterWrite: true };
    const tasks = await unlessRefused(client.read(request));
    if (tasks === null) return null;
    for (const task of tasks) found.set(task.id, task);
  }
  return found;
}

/**
 * The task as it was right after our write: written properties as the answer has them, all others as we had compared them. Whatever a person has done
 * since is not in it, so that the next read sees it as their edit.
 */
function updated(
  layout: Layout,
  change: RemoteChange,
  sent: Readonly<Record<string, string>>,
  { task, left }: Extract<RowOutcome, { written: true }>,
  seen: WireObject | undefined,
): { readonly record: ReturnType<typeof decodeTask>; readonly overwritten: readonly Overwritten[] } {
  const before = taskOf(change.before) ?? task;
  const written = Object.keys(sent).filter((name) => !left.some(({ property }) => property === name));
  const values = Object.fromEntries(written.map((name) => [name, task.properties[name] ?? seen?.properties[name] ?? sent[name] ?? null]));
  const after: WireObject = { ...before, properties: { ...before.properties, ...values } };
  const overwritten = mappedProperties(layout, change.kind).flatMap(({ name, property }): readonly Overwritten[] => {
    if (!written.includes(property)) return [];
    const versions = seen?.propertiesWithHistory?.[property] ?? [];
    const lost = replacedValue(layout, {
      name,
      property,
      versions,
      ours: values[property] ?? null,
      before: before.properties[property] ?? null,
    });
    return lost === undefined ? [] : [{ field: name, value: lost }];
  });
  return { record: decodeTask(layout, after), overwritten };
}

interface Replaced {
  readonly name: FieldName;
  readonly property: string;
  /** Newest first. */
  readonly versions: readonly WireVersion[];
  readonly ours: string | null;
  readonly before: string | null;
}

/** The value right before ours in the history, where it is not the one that we had compared; undefined where it is. */
function replacedValue(layout: Layout, { name, property, versions, ours, before }: Replaced): Overwritten['value'] | undefined {
  const decoded = (raw: string | null | undefined) => decodeValue(layout, name, property, raw ?? null);
  const same = (left: ReturnType<typeof decoded>, right: ReturnType<typeof decoded>): boolean =>
    isValue(left) && isValue(right) && sameValue(left, right);
  const index = versions.findIndex((version) => same(decoded(version.value), decoded(ours)));
  if (index === -1) return undefined;
  const previous = decoded(versions[index + 1]?.value);
  return !isValue(previous) || same(previous, decoded(before)) ? undefined : previous;
}

const isValue = (value: ReturnType<typeof decodeValue>): value is Overwritten['value'] =>
  value === null || typeof value !== 'object' || !('notice' in value);

/** Archives tasks, at most `BATCH`. One that is gone already is as it should be. */
export async function archiveTasks(client: HubSpotClient, removals: readonly RemoteRemoval[]): Promise<readonly WriteOutcome[]> {
  const gone: WriteOutcome = { ok: true, record: null, overwritten: [], refused: [] };
  const archive = async (rows: readonly RemoteRemoval[]): Promise<readonly WriteOutcome[]> => {
    try {
      const { errors } = await client.write(
        'archive',
        rows.map(({ remoteId }) => ({ id: remoteId })),
      );
      if ((errors ?? []).length === 0 || rows.length === 1) return rows.map(() => gone);
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      if (error.code === 'NotFound' && rows.length === 1) return [gone];
      if (error.code !== 'NotFound' && error.code !== 'Invalid') return rows.map(() => ({ ok: false, error }));
      if (rows.length === 1) return [{ ok: false, error }];
    }
    const middle = Math.ceil(rows.length / 2);
    return [...(await archive(rows.slice(0, middle))), ...(await archive(rows.slice(middle)))];
  };
  return removals.length === 0 ? [] : archive(removals);
}

function outcomeOf(
  outcome: RowOutcome | undefined,
  written: (outcome: Extract<RowOutcome, { written: true }>) => WriteOutcome,
): WriteOutcome {
  if (outcome === undefined)
    return { ok: false, error: new ConnectorError('OutcomeUnknown', 'HubSpot: expected an outcome for each row, got none') };
  return outcome.written ? written(outcome) : { ok: false, error: outcome.error };
}

function leftOut(layout: Layout, kind: RemoteDraft['kind'], { left }: Extract<RowOutcome, { written: true }>): readonly FieldNotice[] {
  return left.map(({ property, error }) => ({
    field: mappedProperties(layout, kind).find((mapped) => mapped.property === property)?.name ?? null,
    cause: 'unwritable',
    message: `${property}: ${error.message}`,
  }));
}

/** Null where HubSpot does not answer now; what was written stays written. */
async function unlessRefused<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ConnectorError) return null;
    throw error;
  }
}
