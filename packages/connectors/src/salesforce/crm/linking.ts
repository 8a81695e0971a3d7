/** Associations put there and taken away: a lookup filled or cleared, on the record as it was read a moment before. */
import type { CrmFields } from '@lockstep/domain/crm/change-set.ts';
import type { CrmOutcome } from '@lockstep/domain/crm/crm.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Parts } from './connector.ts';
import { lookupFor } from './lookups.ts';
import { failed, unanswered } from './outcomes.ts';
import { readRecords } from './reading.ts';
import { keyOf } from './client.ts';
import { updateRecords } from './updating.ts';
import type { Update } from './updating.ts';
import type { WriteOf } from './writing.ts';

type Link = WriteOf<'associate' | 'dissociate'>;

/** One outcome a write, in order; of one object, no record twice. */
export async function writeLinks(parts: Parts, object: string, writes: readonly Link[]): Promise<readonly CrmOutcome[]> {
  const schema = await parts.schemas.known(object);
  const lookups = writes.map((write) => {
    try {
      return lookupFor(schema, write.operation.association).name;
    } catch (error) {
      if (error instanceof ConnectorError) return error;
      throw error;
    }
  });
  const recordIds = writes.map(({ operation }) => operation.target.recordId);
  const fields = [...new Set(lookups.filter((lookup) => typeof lookup === 'string'))];
  if (fields.length === 0) return lookups.map((lookup) => (lookup instanceof ConnectorError ? failed(lookup) : unanswered()));
  const readings = await readRecords(parts, { object, recordIds, fields });
  const updates = new Map<number, Update>();
  const decided = writes.map((write, index): CrmOutcome | null => {
    const lookup = lookups[index];
    if (typeof lookup !== 'string') return lookup === undefined ? unanswered() : failed(lookup);
    const image = readings[index]?.image;
    if (image?.presence !== 'present')
      return failed(new ConnectorError('NotFound', `Salesforce ${schema.name}: expected a live record, found none`));
    const step = stepOf(write, lookup, image.fields[lookup] ?? null);
    if (step instanceof ConnectorError) return failed(step);
    if (step === null) return done(write, image.readAt);
    updates.set(index, { recordId: write.operation.target.recordId, fields: step, revision: image.revision });
    return null;
  });
  const sent = [...updates];
  const results = await updateRecords(
    parts,
    object,
    sent.map(([, update]) => update),
  );
  const settled = new Map(sent.map(([index], place) => [index, results[place] ?? unanswered()]));
  return writes.map((write, index) => {
    const outcome = decided[index] ?? settled.get(index) ?? unanswered();
    return outcome.ok ? done(write, outcome.after.readAt) : outcome;
  });
}

/** What is written; null where it stands as it should. Another record in the lookup is somebody's: an undo could not bring it back. */
function stepOf({ operation: { kind, association } }: Link, lookup: string, held: CrmFields[string]): CrmFields | ConnectorError | null {
  const wanted = association.to.recordId;
  const isHeld = typeof held === 'string' && keyOf(held) === keyOf(wanted);
  if (kind === 'dissociate') return isHeld ? { [lookup]: null } : null;
  if (isHeld) return null;
  if (held === null || held === undefined) return { [lookup]: wanted };
  return new ConnectorError(
    'Invalid',
    `Salesforce: expected ${lookup} to be empty, it holds another record; set the field ${lookup} instead`,
  );
}

function done({ operation: { kind, target } }: Link, readAt: string): CrmOutcome {
  const after = { presence: 'present', fields: {}, isAssociated: kind === 'associate', revision: null, readAt } as const;
  return { ok: true, recordId: target.recordId, after };
}
