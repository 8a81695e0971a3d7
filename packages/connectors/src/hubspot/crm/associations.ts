/** Associations: what there is between two objects, whether it stands, and putting it there or taking it away. Source: associations v4. */
import type { ReadAssociation } from '@lockstep/domain/crm/crm.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import type { CrmClient } from './client.ts';
import { inPieces } from './client.ts';
import type { Parts } from './connector.ts';
import type { WireAssociationType } from './wire.ts';

/** Inputs of one reading call. */
const READ_BATCH = 1_000;

export interface Pair {
  readonly recordId: string;
  readonly association: ReadAssociation;
}

export interface AssociationTypes {
  /** The type that a label names; null is the unlabelled one. Throws `Invalid` where there is none between the objects. */
  typeOf(from: string, to: string, label: string | null): Promise<WireAssociationType>;
}

/** Asks once for each two objects. */
export function associationTypesOf(client: CrmClient): AssociationTypes {
  const known = new Map<string, readonly WireAssociationType[]>();
  return {
    async typeOf(from, to, label) {
      const key = `${from}/${to}`;
      // A label that is not known may have been made since.
      for (const types of [known.get(key), null]) {
        const asked = types === null ? await client.labels(from, to) : (types ?? []);
        known.set(key, asked);
        const found = asked.find((type) => (type.label ?? null) === label);
        if (found !== undefined) return found;
      }
      const expected = label === null ? 'an unlabelled association' : `the association label "${label}"`;
      throw new ConnectorError('Invalid', `HubSpot: expected ${expected} from ${from} to ${to}, there is none`);
    },
  };
}

/** How HubSpot's writes name a type. */
export const specOf = ({ category, typeId }: WireAssociationType): Json => ({ associationCategory: category, associationTypeId: typeId });

/** For each pair whether it stands. */
export async function isAssociated(parts: Parts, object: string, pairs: readonly Pair[]): Promise<readonly boolean[]> {
  const between = await labelsBetween(parts, object, pairs);
  return pairs.map((pair, index) => (between[index] ?? []).some((label) => label === pair.association.label));
}

/** For each pair the labels that stand between its ends; null is the unlabelled association. */
export async function labelsBetween(
  { client }: Parts,
  object: string,
  pairs: readonly Pair[],
): Promise<readonly (readonly (string | null)[])[]> {
  const standing = new Map<string, (string | null)[]>();
  const keyOf = (recordId: string, to: string, toId: string): string => `${recordId}/${to}/${toId}`;
  for (const [to, some] of Map.groupBy(pairs, ({ association }) => association.to.object)) {
    let inputs: readonly { id: string; after?: string }[] = [...new Set(some.map(({ recordId }) => recordId))].map((id) => ({ id }));
    while (inputs.length > 0) {
      const answers = (await inPieces(inputs, READ_BATCH, (piece) => client.associated(object, to, piece))).flat();
      for (const { from, to: ends } of answers)
        for (const { toObjectId, associationTypes } of ends)
          standing.set(
            keyOf(from.id, to, toObjectId),
            associationTypes.map(({ label }) => label ?? null),
          );
      inputs = answers.flatMap(({ from, paging }) => (paging?.next == null ? [] : [{ id: from.id, after: paging.next.after }]));
    }
  }
  return pairs.map(({ recordId, association: { to } }) => standing.get(keyOf(recordId, to.object, to.recordId)) ?? []);
}
