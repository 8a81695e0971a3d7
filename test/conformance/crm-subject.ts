/** What the laws of a CRM need to know about one vendor, and what they do with it over and over. */
import type { CrmFields, RecordRef } from '@lockstep/domain/crm/change-set.ts';
import type { Crm, CrmOutcome, CrmWrite, Reading } from '@lockstep/domain/crm/crm.port.ts';
import type { FaultAction } from '@lockstep/simulator/kernel/faults.ts';
import type { ServedVendor } from '@lockstep/simulator/kernel/testing.ts';

export interface CrmSubject {
  readonly name: string;
  readonly tool: 'hubspot' | 'salesforce';
  readonly open: () => Promise<CrmAccount>;
  /** Records of a reading and of a writing call. */
  readonly limits: { readonly read: number; readonly write: number };
  /** The vendor's own names. */
  readonly contact: {
    readonly object: string;
    readonly text: string;
    /** Never required, and may be cleared. */
    readonly otherText: string;
    readonly email: string;
    readonly owner: string;
    /** One that the vendor sets. */
    readonly readOnly: string;
    /** A picklist, and what it may hold; null for any. */
    readonly choice: { readonly field: string; readonly options: readonly string[] | null };
    /** What a record of a person must have beside what a test gives. */
    readonly required: CrmFields;
    /** A value that the vendor refuses, as of a record of its own. */
    readonly refused: CrmFields;
  };
  readonly task: { readonly object: string; readonly fields: CrmFields };
  /** Two objects that are associated, with a label and without. */
  readonly association: { readonly from: string; readonly to: string; readonly label: string | null };
  readonly restores: 'same-id' | 'new-id' | 'never';
  /** Whether a write is refused where the record has moved since it was compared; else the history tells. */
  readonly hasPrecondition: boolean;
  /** Requests by path, as patterns. */
  readonly paths: { readonly read: string; readonly create: string; readonly update: string };
}

export interface CrmAccount {
  readonly served: ServedVendor;
  readonly connect: (options?: { readonly requestTimeoutMs?: number }) => Crm;
  readonly person: CrmPerson;
  /** Seeded ids of two ends that can be associated. */
  readonly ends: () => Promise<{ readonly fromId: string; readonly toId: string }>;
  /** The e-mail of a user, and the owner id that the vendor knows it by. */
  readonly owner: { readonly email: string; readonly id: string };
}

/** Somebody at the vendor's own screen. */
export interface CrmPerson {
  create(object: string, fields: CrmFields): Promise<string>;
  edit(object: string, id: string, fields: CrmFields): Promise<void>;
  archive(object: string, id: string): Promise<void>;
  /** The second goes into the first. */
  merge(object: string, keptId: string, goneId: string): Promise<void>;
  /** Leaves something on the record: a note. */
  note(object: string, id: string): Promise<void>;
}

const CONNECTION = 'crm';

export const ref = (object: string, recordId: string): RecordRef => ({ connectionId: CONNECTION, object, recordId });

let keys = 0;
/** A key as the engine makes them. */
export const newKey = (): string => `cs-conformance/${(keys += 1)}`;

export const setFields = (object: string, recordId: string, fields: CrmFields): CrmWrite => ({
  key: newKey(),
  operation: { kind: 'set-fields', target: ref(object, recordId), fields },
  before: null,
});

export const creation = (object: string, fields: CrmFields, key = newKey()): CrmWrite => ({
  key,
  operation: { kind: 'create', connectionId: CONNECTION, object, fields, associations: [] },
  before: null,
});

export type Done = Extract<CrmOutcome, { ok: true }>;

/** The outcome of a write that took effect. */
export function done(outcome: CrmOutcome | undefined): Done {
  if (outcome?.ok !== true) throw new Error(`expected a write that took effect, got ${outcome?.error.message ?? 'no outcome'}`);
  return outcome;
}

/** What the vendor or the way there said, in place of effects. */
export const codesOf = (outcomes: readonly CrmOutcome[]): readonly string[] =>
  outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code));

export async function readOne(crm: Crm, object: string, recordId: string, fields: readonly string[]): Promise<Reading> {
  const [reading] = await crm.read({ object, recordIds: [recordId], fields });
  if (reading === undefined) throw new Error(`expected a reading of ${object}, got none`);
  return reading;
}

/** Makes people's records by the person, with distinct e-mails; ids in order. */
export async function contacts(subject: CrmSubject, account: CrmAccount, count: number): Promise<readonly string[]> {
  const { object, email, required } = subject.contact;
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1)
    ids.push(await account.person.create(object, { ...required, [email]: `person${index}@conformance.example` }));
  return ids;
}

/** Requests of ours to paths that match. */
export const requestsTo = (account: CrmAccount, subject: CrmSubject, path: string): number =>
  account.served.log
    .list({ tool: subject.tool }, 10_000)
    .filter((entry) => entry.account === 'lockstep' && new RegExp(path).test(entry.path)).length;

export function inject(account: CrmAccount, subject: CrmSubject, path: string, action: FaultAction): void {
  account.served.faults.add({ tool: subject.tool, match: { path }, action, skip: 0, times: 1 });
}
