/**
 * The engine of change sets as the worker wires it: a real PostgreSQL, the real connector and the simulator's HubSpot over HTTP. People act at HubSpot's own
 * pages, with credentials of their own; what reached HubSpot is counted from its request log.
 */
import { onTestFinished } from 'vitest';
import { createHubSpotCrm } from '@lockstep/connectors/hubspot/crm/connector.ts';
import { pseudonymsOf } from '@lockstep/domain/audit/pseudonym.ts';
import type { CrmFields, KeptField, Operation, RecordRef, SetCause, SetEnd, Step } from '@lockstep/domain/crm/change-set.ts';
import type { ChangeSetStore } from '@lockstep/domain/crm/change-set-store.port.ts';
import type { Crm } from '@lockstep/domain/crm/crm.port.ts';
import { policySchema } from '@lockstep/domain/crm/policy.schema.ts';
import type { ApprovalPolicy, Principal } from '@lockstep/domain/crm/policy.schema.ts';
import { applyBatch } from '@lockstep/engine/crm/apply.ts';
import type { Applied } from '@lockstep/engine/crm/apply.ts';
import { compensateBatch } from '@lockstep/engine/crm/compensating.ts';
import { createSet } from '@lockstep/engine/crm/create.ts';
import type { NewSet } from '@lockstep/engine/crm/create.ts';
import { endSet } from '@lockstep/engine/crm/ending.ts';
import { setOf } from '@lockstep/engine/crm/environment.ts';
import type { CrmEngine } from '@lockstep/engine/crm/environment.ts';
import { judgeSet } from '@lockstep/engine/crm/judging.ts';
import { acquire } from '@lockstep/engine/crm/leasing.ts';
import { refreshSet } from '@lockstep/engine/crm/refreshing.ts';
import { commitSet, verifySet } from '@lockstep/engine/crm/verifying.ts';
import { createHubSpot } from '@lockstep/simulator/hubspot/server.ts';
import type { FaultAction } from '@lockstep/simulator/kernel/faults.ts';
import { serveVendor } from '@lockstep/simulator/kernel/testing.ts';
import type { ServedVendor } from '@lockstep/simulator/kernel/testing.ts';
import { createAuditLog } from '@lockstep/store/audit.ts';
import { createChangeSetStore } from '@lockstep/store/change-set-store.ts';
import type { TestStore } from '@lockstep/store/testing.ts';

/** What a policy lets people write without asking anybody. */
const FREE: ApprovalPolicy = policySchema.parse({ version: 'p1', rules: [{ name: 'people', actors: ['human', 'system'] }] });

const PEOPLE: readonly Principal[] = [
  { id: 'ops', kind: 'human', person: 'olga', members: [], roles: ['operator', 'approver'] },
  { id: 'ops-2', kind: 'human', person: 'olga', members: [], roles: ['approver'] },
  { id: 'lead', kind: 'human', person: 'lena', members: [], roles: ['approver'] },
  { id: 'head', kind: 'human', person: 'hugo', members: [], roles: ['approver'] },
  { id: 'bot', kind: 'bot', person: 'olga', members: [], roles: ['approver'] },
];

export interface Bench {
  /** Of the store. */
  readonly workspaceId: string;
  readonly engine: CrmEngine;
  readonly served: ServedVendor;
  readonly store: ChangeSetStore;
  readonly person: Person;
  /** May be changed by a test. */
  readonly governing: { policy: ApprovalPolicy | null; principals: readonly Principal[]; isStopped: boolean };
  readonly now: () => string;
  advance(ms: number): void;
  contacts(count: number, fields?: CrmFields): Promise<readonly string[]>;
  /** Plans a set of a person; its id. */
  plan(operations: readonly Operation[], rest?: Partial<NewSet>): Promise<string>;
  /** Judged, leased and refreshed, so that batches may go. */
  admit(changeSetId: string): Promise<void>;
  /** Batches until there are no more, through whatever fails for technical reasons. */
  applyAll(changeSetId: string): Promise<Applied>;
  /** From its judgement to its end, as the workflow drives it. */
  run(changeSetId: string): Promise<SetEnd>;
  takeBack(changeSetId: string, cause: SetCause): Promise<SetEnd>;
  /** Goes on where the store says that a set stands, as a workflow that is started again. */
  goOn(changeSetId: string): Promise<SetEnd>;
  step(changeSetId: string, ordinal: number): Promise<Step>;
  states(changeSetId: string): Promise<readonly string[]>;
  kept(changeSetId: string): Promise<readonly KeptField[]>;
  /** What HubSpot shows of a record. */
  shows(object: string, id: string, ...fields: readonly string[]): Promise<CrmFields>;
  fault(path: string, action: FaultAction, options?: { readonly skip?: number; readonly times?: number | 'always' }): void;
  /** Our requests to paths that match, from the request log. */
  requests(path: string, after?: number): number;
  auditOutcomes(): Promise<readonly string[]>;
}

export interface Person {
  create(object: string, fields: CrmFields): Promise<string>;
  edit(object: string, id: string, fields: CrmFields): Promise<void>;
  archive(object: string, id: string): Promise<void>;
  merge(object: string, kept: string, gone: string): Promise<void>;
  note(object: string, id: string): Promise<void>;
  /** Any call, by an app that is not ours. */
  ask(method: string, path: string, body?: unknown): Promise<unknown>;
}

export const CRM = 'hubspot';
export const MARIA = '77405866';
export const contact = (recordId: string): RecordRef => ({ connectionId: CRM, object: 'contacts', recordId });
export const setFields = (recordId: string, fields: CrmFields): Operation => ({ kind: 'set-fields', target: contact(recordId), fields });

export interface BenchOptions {
  readonly wrapStore?: (store: ChangeSetStore) => ChangeSetStore;
  readonly wrapCrm?: (make: () => Crm) => Crm;
  readonly requestTimeoutMs?: number;
  /** CRMs beside HubSpot, by connection. */
  readonly crms?: ReadonlyMap<string, Crm>;
  /** Closed by the caller, not with the test. */
  readonly keep?: boolean;
  /** Works at the HubSpot of another bench, as its successor. */
  readonly beside?: Pick<Bench, 'served'>;
}

let sets = 0;

export async function openBench(database: Pick<TestStore, 'pool' | 'workspaceId'>, options: BenchOptions = {}): Promise<Bench> {
  const served = options.beside?.served ?? (await serveVendor('hubspot', createHubSpot));
  if (options.keep !== true && options.beside === undefined) onTestFinished(() => served.close());
  const workspaceId = database.workspaceId();
  const plain = createChangeSetStore({ pool: database.pool, workspaceId });
  const make = (): Crm =>
    createHubSpotCrm({
      clock: () => new Date(served.clock.nowMs()),
      requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
      credentials: { baseUrl: served.url, accessToken: 'pat-na1-lockstep' },
    });
  const governing: Bench['governing'] = { policy: FREE, principals: PEOPLE, isStopped: false };
  const engine: CrmEngine = {
    store: options.wrapStore?.(plain) ?? plain,
    crms: new Map([[CRM, options.wrapCrm?.(make) ?? make()], ...(options.crms ?? [])]),
    policies: { current: () => governing.policy, principals: () => governing.principals, isStopped: () => governing.isStopped },
    pseudonyms: pseudonymsOf(new Uint8Array(32).fill(7)),
  };
  const now = (): string => new Date(served.clock.nowMs()).toISOString();
  const log = createAuditLog({ pool: database.pool, workspaceId });
  const person = personAt(served.url);
  const read = make();
  return {
    ...{ workspaceId, engine, served, person, governing, now, store: plain },
    ...driving(engine, now, () => served.clock.advance(WAIT_MS)),
    advance: (ms) => served.clock.advance(ms),
    contacts: async (count, fields = {}) => {
      const ids: string[] = [];
      for (let index = 0; index < count; index += 1)
        ids.push(await person.create('contacts', { email: `c${(sets += 1)}@bench.example`, ...fields }));
      return ids;
    },
    step: async (changeSetId, ordinal) => {
      const [step] = await plain.snapshot((reader) => reader.stepsByOrdinal(changeSetId, [ordinal]));
      if (step === undefined) throw new Error(`${changeSetId}: expected a step ${ordinal}, got none`);
      return step;
    },
    states: async (changeSetId) =>
      (await plain.snapshot((reader) => reader.steps(changeSetId, { from: 0, limit: 10_000 }))).map(({ state }) => state),
    kept: (changeSetId) => plain.snapshot((reader) => reader.kept(changeSetId, 1_000)),
    shows: async (object, id, ...fields) => {
      const [reading] = await read.read({ object, recordIds: [id], fields });
      return reading?.image.fields ?? {};
    },
    fault: (path, action, { skip = 0, times = 1 } = {}) =>
      served.faults.add({ tool: 'hubspot', match: { path, account: 'lockstep' }, action, skip, times }),
    requests: (path, after = 0) =>
      served.log
        .list({ tool: 'hubspot', after }, 100_000)
        .filter((entry) => entry.account === 'lockstep' && new RegExp(path).test(entry.path)).length,
    auditOutcomes: async () =>
      (await log.page({ from: 0, limit: 10_000 })).map(({ canonical }) => {
        const entry = JSON.parse(canonical) as { action: string; outcome: string };
        return `${entry.action} ${entry.outcome}`;
      }),
  };
}

/** The order of the calls that the workflow makes. */
function driving(
  engine: CrmEngine,
  now: () => string,
  wait: () => void,
): Pick<Bench, 'plan' | 'admit' | 'applyAll' | 'run' | 'goOn' | 'takeBack'> {
  const admit: Bench['admit'] = async (changeSetId) => {
    const { decision } = await judgeSet(engine, changeSetId, now());
    if (decision !== 'go') throw new Error(`${changeSetId}: expected to go, got ${decision}`);
    const { heldBy } = await acquire(engine, changeSetId, now());
    if (heldBy.length > 0) throw new Error(`${changeSetId}: expected free records, got ${heldBy.length} that are held`);
    const { outcome } = await refreshSet(engine, changeSetId, now());
    if (outcome !== 'same') throw new Error(`${changeSetId}: expected the same diff, got one that is ${outcome}`);
  };
  const applyAll: Bench['applyAll'] = (changeSetId) => untilDone(() => applyBatch(engine, changeSetId, now()), wait);
  const takeBack: Bench['takeBack'] = async (changeSetId, cause) => {
    await untilDone(() => compensateBatch(engine, changeSetId, cause, now()), wait);
    return endSet(engine, changeSetId, cause, now());
  };
  const carryOut = async (changeSetId: string): Promise<SetEnd> => {
    const { cause } = await applyAll(changeSetId);
    if (cause !== null) return takeBack(changeSetId, cause);
    const verified = await verifySet(engine, changeSetId, now());
    if (verified.cause !== null) return takeBack(changeSetId, verified.cause);
    await commitSet(engine, changeSetId, now());
    return 'committed';
  };
  return {
    admit,
    applyAll,
    takeBack,
    async plan(operations, rest = {}) {
      const changeSetId = `cs-${(sets += 1)}`;
      const asked = { kind: 'bulk', requestedBy: 'ops', actorKind: 'human', reason: 'a test', confidence: null } as const;
      await createSet(engine, { changeSetId, ...asked, operations, ...rest }, now());
      return changeSetId;
    },
    async run(changeSetId) {
      await admit(changeSetId);
      return carryOut(changeSetId);
    },
    async goOn(changeSetId) {
      const set = await engine.store.snapshot((reader) => setOf(reader, changeSetId));
      if (set.end !== null) return set.end;
      if (set.state === 'compensating') return takeBack(changeSetId, set.cause ?? 'terminated');
      if (set.state !== 'applying' && set.state !== 'verifying') await admit(changeSetId);
      return carryOut(changeSetId);
    },
  };
}

const MOST_CALLS = 200;
/** Longer than the connector leaves a CRM alone that says no more than that it is too much. */
export const WAIT_MS = 30_000;

/** Calls again while there is more, and, after a wait, after technical failures (C8). */
export async function untilDone<T extends { readonly outcome: string }>(call: () => Promise<T>, wait: () => void): Promise<T> {
  for (let count = 0; count < MOST_CALLS; count += 1) {
    try {
      const answer = await call();
      if (answer.outcome !== 'more') return answer;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ConnectorError') throw error;
      wait();
    }
  }
  throw new Error(`expected an end within ${MOST_CALLS} calls, got none`);
}

const NOTE_TYPES: Readonly<Record<string, number>> = { contacts: 202, companies: 190, deals: 214 };

function personAt(url: string): Person {
  const ask: Person['ask'] = async (method, path, body) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: 'Bearer pat-na1-maria', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: HTTP ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  return {
    ask,
    create: async (object, fields) => ((await ask('POST', `/ui/objects/${object}`, { properties: texts(fields) })) as { id: string }).id,
    edit: async (object, id, fields) => void (await ask('PATCH', `/ui/objects/${object}/${id}`, { properties: texts(fields) })),
    archive: async (object, id) => void (await ask('DELETE', `/ui/objects/${object}/${id}`)),
    merge: async (object, primaryObjectId, objectIdToMerge) =>
      void (await ask('POST', `/crm/objects/2026-09/${object}/merge`, { primaryObjectId, objectIdToMerge })),
    note: async (object, id) => {
      const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: NOTE_TYPES[object] }];
      const properties = { hs_timestamp: '2026-11-24T10:00:00Z', hs_note_body: 'Called, wants a quote' };
      await ask('POST', '/ui/objects/notes', { properties, associations: [{ to: { id }, types }] });
    },
  };
}

const texts = (fields: CrmFields): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value === null ? '' : String(value)]));

/** A person's edit that lands right after the request that it is put on. */
export const editBetween = (object: string, id: string, fields: CrmFields): FaultAction => ({
  kind: 'edit-between',
  request: {
    method: 'PATCH',
    path: `/ui/objects/${object}/${id}`,
    headers: { authorization: 'Bearer pat-na1-maria', 'content-type': 'application/json' },
    body: { properties: texts(fields) },
  },
});
