/** Associations in Salesforce are lookups: fields of the one record that hold the other's id. */
import type { ReadAssociation } from '@lockstep/domain/crm/crm.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Schema } from './schema.ts';
import type { WireField } from './wire.ts';

/**
 * The lookup that an association is: the one that can hold such a record, or the one that the label names (`AccountId`, `Account`). Throws `Invalid` where
 * there is none or several. Junctions (OpportunityContactRole, AccountContactRelation) are records: they are created and archived as such.
 */
export function lookupFor(schema: Schema, { to, label }: ReadAssociation): WireField {
  const wanted = label?.toLowerCase() ?? null;
  const lookups = schema.fields.filter(
    ({ name, type, updateable, referenceTo, relationshipName }) =>
      type === 'reference' &&
      updateable === true &&
      name !== 'OwnerId' &&
      referenceTo?.includes(to.object) === true &&
      (wanted === null || name.toLowerCase() === wanted || relationshipName?.toLowerCase() === wanted),
  );
  const [lookup, ...others] = lookups;
  if (lookup !== undefined && others.length === 0) return lookup;
  const found = lookups.length === 0 ? 'found none' : `found ${lookups.map(({ name }) => name).join(', ')}: name one as the label`;
  throw new ConnectorError(
    'Invalid',
    `Salesforce: expected one lookup of ${schema.name} to ${to.object}${label === null ? '' : ' of that label'}, ${found}`,
  );
}
