/** Putting associations there and taking them away, in calls of a hundred. */
import type { CrmOutcome } from '@lockstep/domain/crm/crm.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import { labelsBetween, specOf } from './associations.ts';
import type { Pair } from './associations.ts';
import type { Parts } from './connector.ts';
import { refused } from './outcomes.ts';
import { settleRows } from './rows.ts';
import type { WriteOf } from './writing.ts';

type Link = WriteOf<'associate' | 'dissociate'>;

const endsOf = ({ operation: { kind, target, association } }: Link): string => `${kind} ${target.object} ${association.to.object}`;

/** One outcome a write, in order. */
export async function writeLinks(parts: Parts, writes: readonly Link[]): Promise<readonly CrmOutcome[]> {
  const outcomes = new Map<Link, CrmOutcome>();
  for (const some of Map.groupBy(writes, endsOf).values())
    for (const [index, outcome] of (await writeBetween(parts, some)).entries())
      if (some[index] !== undefined) outcomes.set(some[index], outcome);
  return writes.map(
    (write) => outcomes.get(write) ?? refused(new ConnectorError('OutcomeUnknown', 'HubSpot: expected an outcome, got none')),
  );
}

/** Writes of one kind between two objects. */
async function writeBetween(parts: Parts, writes: readonly Link[]): Promise<readonly CrmOutcome[]> {
  const [first] = writes;
  if (first === undefined) return [];
  const { kind, target, association } = first.operation;
  const [from, to] = [target.object, association.to.object];
  const specs = new Map<string | null, Json | ConnectorError>();
  for (const label of new Set(writes.map(({ operation }) => operation.association.label)))
    specs.set(label, await specOrProblem(parts, from, to, label));
  const labelled = kind === 'dissociate' ? await withLabels(parts, from, writes) : new Set<Link>();
  const problemOf = (write: Link): ConnectorError | null => {
    const spec = specs.get(write.operation.association.label);
    if (spec instanceof ConnectorError) return spec;
    return labelled.has(write) ? new ConnectorError('Invalid', LABELLED) : null;
  };
  const outcomes = await settleRows<Link, string>({
    rows: writes.filter((write) => problemOf(write) === null).map((write) => ({ value: write, names: [write.key] })),
    place: `${from}/${to}/batch/${kind === 'associate' ? 'create' : 'labels/archive'}`,
    send: async (rows) => {
      const inputs = rows.map(({ value: { operation } }): Json => {
        const spec = specs.get(operation.association.label);
        const types = spec === undefined || spec instanceof ConnectorError ? [] : [spec];
        return { from: { id: operation.target.recordId }, to: { id: operation.association.to.recordId }, types };
      });
      const { answer, at } = await parts.client.link(from, to, kind === 'associate' ? 'create' : 'labels/archive', inputs);
      const errors = answer.errors ?? [];
      // Refused ones are named by records that others of the batch may share: then each is asked about alone.
      return { results: errors.length > 0 ? new Map<string, string>() : new Map(rows.map(({ names: [name] }) => [name, at])), errors };
    },
  });
  return writes.map((write) => {
    const outcome = outcomes.get(write.key);
    if (outcome?.ok !== true)
      return refused(problemOf(write) ?? outcome?.error ?? new ConnectorError('OutcomeUnknown', 'HubSpot: got no outcome'));
    const after = { presence: 'present', fields: {}, isAssociated: kind === 'associate', revision: null, readAt: outcome.result } as const;
    return { ok: true, recordId: write.operation.target.recordId, after };
  });
}

const LABELLED =
  'HubSpot: expected an association without labels, it has some; HubSpot would take them away with it: dissociate the labels first';

/** Unlabelled associations that have labels beside them: HubSpot takes all of them away with the unlabelled one, and an undo would bring back one only. */
async function withLabels(parts: Parts, from: string, writes: readonly Link[]): Promise<ReadonlySet<Link>> {
  const bare = writes.filter(({ operation }) => operation.association.label === null);
  if (bare.length === 0) return new Set();
  const pairs = bare.map(({ operation: { target, association } }): Pair => ({ recordId: target.recordId, association }));
  const labels = await labelsBetween(parts, from, pairs);
  return new Set(bare.filter((_, index) => (labels[index] ?? []).some((label) => label !== null)));
}

async function specOrProblem(parts: Parts, from: string, to: string, label: string | null): Promise<Json | ConnectorError> {
  try {
    return specOf(await parts.types.typeOf(from, to, label));
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
}
