/** What HubSpot's objects have: the properties, the owner, and the unique property that carries a create's key. Source: the properties API. */
import type { CrmField, CrmObject } from '@lockstep/domain/crm/crm.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { CrmClient } from './client.ts';
import type { WireField } from './wire.ts';

/** With unique values; it is made once by an administrator (docs/runbooks/connect-hubspot.md). */
export const KEY_PROPERTY = 'lockstep_step_key';
const OWNER_PROPERTY = 'hubspot_owner_id';
/** Ids of records that went into this one, by semicolons. */
export const MERGED_PROPERTY = 'hs_merged_object_ids';

const TYPES: Readonly<Record<string, CrmField['type']>> = {
  string: 'text',
  phone_number: 'text',
  json: 'text',
  number: 'number',
  bool: 'boolean',
  date: 'date',
  datetime: 'datetime',
  enumeration: 'choice',
};

export interface Schemas {
  /** Asks HubSpot. Throws `NotFound` for an object that it does not have. */
  describe(object: string): Promise<CrmObject>;
  /** As last asked. */
  known(object: string): Promise<CrmObject>;
}

export function schemasOf(client: CrmClient): Schemas {
  const remembered = new Map<string, CrmObject>();
  const describe = async (object: string): Promise<CrmObject> => {
    const described = objectOf(object, await fieldsOf(client, object));
    remembered.set(object, described);
    return described;
  };
  return { describe, known: async (object) => remembered.get(object) ?? describe(object) };
}

/** The name is all that this call can get wrong: HubSpot calls an unknown object a bad request. */
async function fieldsOf(client: CrmClient, object: string): Promise<readonly WireField[]> {
  try {
    return await client.fields(object);
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'Invalid') throw error;
    throw new ConnectorError('NotFound', `HubSpot: expected an object of the CRM (contacts, companies, deals, …), got ${object}`, {
      cause: error,
    });
  }
}

function objectOf(object: string, wire: readonly WireField[]): CrmObject {
  const live = wire.filter(({ archived }) => archived !== true);
  const fields = new Map(live.map((field) => [field.name, fieldOf(field)]));
  return {
    object,
    fields,
    ownerField: fields.has(OWNER_PROPERTY) ? OWNER_PROPERTY : null,
    keyField: live.some(({ name, hasUniqueValue }) => name === KEY_PROPERTY && hasUniqueValue === true) ? KEY_PROPERTY : null,
    // People restore records in HubSpot's own pages, for 90 days; the public API has no call for it (paths of the SDK 14.0.1, vendor-apis section 3).
    restores: 'never',
  };
}

function fieldOf(field: WireField): CrmField {
  const isOwner = field.name === OWNER_PROPERTY || field.referencedObjectType === 'OWNER';
  const choice = field.fieldType === 'checkbox' ? 'choices' : 'choice';
  const type = isOwner ? 'reference' : field.type === 'enumeration' ? choice : (TYPES[field.type] ?? 'text');
  const isWritable = field.modificationMetadata?.readOnlyValue !== true && field.calculated !== true;
  const isListed = (type === 'choice' || type === 'choices') && field.externalOptions !== true && field.options.length > 0;
  return { name: field.name, type, isWritable, options: isListed ? field.options.map(({ value }) => value) : null };
}
