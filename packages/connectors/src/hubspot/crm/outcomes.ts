/** Refusals as the engine hears them. */
import type { CrmOutcome } from '@lockstep/domain/crm/crm.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { PropertyRefusal } from '../errors.ts';

/** A value that another record holds already is no edit that came in between: it will not be taken tomorrow either. */
export function refused(error: ConnectorError): CrmOutcome {
  const fields = error instanceof PropertyRefusal ? error.properties : [];
  if (error.code !== 'Conflict' || fields.length === 0) return { ok: false, error, fields };
  const details = error.status === null ? {} : { status: error.status };
  return { ok: false, error: new ConnectorError('Invalid', error.message, { ...details, cause: error }), fields };
}
