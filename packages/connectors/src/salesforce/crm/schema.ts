/** What Salesforce's objects have, as `describe` shows them to the user that we are. */
import type { CrmField, CrmObject } from '@lockstep/domain/crm/crm.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { isUnknownField } from '../errors.ts';
import { named } from '../soql.ts';
import type { CrmClient } from './client.ts';
import type { WireDescribe, WireField } from './wire.ts';

/** External id with unique values, on every object of which records are created (docs/runbooks/connect-salesforce.md). */
export const KEY_FIELD = 'Lockstep_Id__c';
export const OWNER_FIELD = 'OwnerId';

const TYPES: Readonly<Record<string, CrmField['type']>> = {
  int: 'number',
  long: 'number',
  double: 'number',
  currency: 'number',
  percent: 'number',
  boolean: 'boolean',
  date: 'date',
  datetime: 'datetime',
  picklist: 'choice',
  multipicklist: 'choices',
  reference: 'reference',
};

/** An object with its fields by any spelling: Salesforce does not mind case. */
export interface Schema {
  readonly name: string;
  readonly described: CrmObject;
  readonly fields: readonly WireField[];
  field(name: string): WireField | null;
}

export interface Schemas {
  /** Asks Salesforce. Throws `NotFound` for an object that it does not have, or that our user may not see. */
  describe(object: string): Promise<CrmObject>;
  /** As last asked. */
  known(object: string): Promise<Schema>;
  /** Runs a query; once more with a fresh schema where it named a field that is gone. */
  querying<T>(object: string, work: (schema: Schema) => Promise<T>): Promise<T>;
}

export function schemasOf(client: CrmClient): Schemas {
  const remembered = new Map<string, Schema>();
  const ask = async (object: string): Promise<Schema> => {
    const schema = schemaOf(object, await describeObject(client, object));
    remembered.set(object, schema);
    return schema;
  };
  const known = async (object: string): Promise<Schema> => remembered.get(object) ?? ask(object);
  return {
    describe: async (object) => (await ask(object)).described,
    known,
    async querying(object, work) {
      try {
        return await work(await known(object));
      } catch (error) {
        if (!isUnknownField(error)) throw error;
        return work(await ask(object));
      }
    },
  };
}

async function describeObject(client: CrmClient, object: string): Promise<WireDescribe> {
  try {
    return await client.describe(named(object, 'object'));
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'Invalid') throw error;
    throw new ConnectorError('NotFound', 'Salesforce: expected the API name of an object (Contact, Account, …), got another text', {
      cause: error,
    });
  }
}

function schemaOf(object: string, wire: WireDescribe): Schema {
  const byName = new Map(wire.fields.map((field) => [field.name.toLowerCase(), field]));
  const field = (name: string): WireField | null => byName.get(name.toLowerCase()) ?? null;
  const key = field(KEY_FIELD);
  const described: CrmObject = {
    object,
    fields: new Map(wire.fields.map((one) => [one.name, fieldOf(one)])),
    ownerField: field(OWNER_FIELD)?.name ?? null,
    keyField: key?.externalId === true && key.unique === true ? key.name : null,
    restores: wire.undeletable === false ? 'never' : 'same-id',
  };
  return { name: wire.name, described, fields: wire.fields, field };
}

function fieldOf({ name, type, updateable, restrictedPicklist, picklistValues }: WireField): CrmField {
  // An unrestricted picklist takes any value.
  const options = restrictedPicklist === true ? (picklistValues ?? []).filter(({ active }) => active !== false) : null;
  return { name, type: TYPES[type] ?? 'text', isWritable: updateable === true, options: options?.map(({ value }) => value) ?? null };
}
