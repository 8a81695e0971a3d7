/** Where the contracts are known to be wrong about real accounts, and are therefore held less strictly. Data: each with its reason. */
import { changedAll, opened, orNull, requiredOf } from './schema.ts';
import type { Change, Definitions, Schema } from './schema.ts';

export type ContractVendor = 'jira' | 'notion' | 'hubspot' | 'salesforce';

export interface Relaxation {
  readonly vendors: readonly ContractVendor[];
  readonly of: 'requests' | 'answers';
  readonly rule: string;
  readonly reason: string;
  /** Which schemas, by where they stand: `ChangeDetails.from`. */
  readonly at: RegExp;
  readonly change: (schema: Schema) => Schema;
}

const optional =
  (...names: readonly string[]) =>
  (schema: Schema): Schema => ({ ...schema, required: requiredOf(schema).filter((name) => !names.includes(name)) });

export const RELAXATIONS: readonly Relaxation[] = [
  {
    vendors: ['jira'],
    of: 'answers',
    rule: 'members that the contract does not name are passed over',
    reason:
      'recorded answers of real accounts have them (SOURCES.md); the contracts of Notion and HubSpot do not forbid them to begin with',
    at: /^/,
    change: (schema) => opened(schema, ''),
  },
  {
    vendors: ['jira'],
    of: 'answers',
    rule: "a changelog item's from, fromString, to and toString may be null",
    reason: 'a field that was empty before or is empty now (recorded; SOURCES.md)',
    at: /^ChangeDetails\.(from|fromString|to|toString)$/,
    change: orNull,
  },
  {
    vendors: ['jira'],
    of: 'answers',
    rule: 'dates are texts of any form',
    reason: 'real ones are 2026-04-28T15:55:26.678+0200, which RFC 3339 does not know (recorded; vendor-apis.md 1)',
    at: /\.(created|updated|serverTime|buildDate|date)$/,
    change: (schema) => (schema['format'] === 'date-time' ? { type: 'string' } : schema),
  },
  {
    vendors: ['jira'],
    of: 'answers',
    rule: 'the date of a change may be a number',
    reason: "so it is in the contract's own example of POST /rest/api/3/changelog/bulkfetch, against its schema",
    at: /^Changelog\.created$/,
    change: (schema) => ({ anyOf: [schema, { type: 'integer' }] }),
  },
  {
    vendors: ['notion'],
    of: 'answers',
    rule: 'archived need not be there',
    reason: 'version 2026-03-11 has in_trash instead; the SDK keeps it for earlier ones',
    at: /^/,
    change: (schema) => (requiredOf(schema).includes('archived') ? optional('archived')(schema) : schema),
  },
  {
    vendors: ['hubspot'],
    of: 'answers',
    rule: 'values of properties may be null',
    reason: 'a property without a value (recorded; SOURCES.md)',
    at: /\.properties\.\*$/,
    change: orNull,
  },
  {
    vendors: ['hubspot'],
    of: 'answers',
    rule: 'the label of an association type may be null',
    reason: "HubSpot's own unlabelled types have none, and the vendor's guide to associations shows null there; not recorded",
    at: /\.AssociationSpecWithLabel\.label$/,
    change: orNull,
  },
  {
    vendors: ['hubspot'],
    of: 'requests',
    rule: 'sorts of a search are objects {propertyName, direction?}',
    reason: 'the generated model has texts there; real calls send objects (SOURCES.md)',
    at: /\.PublicObjectSearchRequest\.sorts\.\[\]$/,
    change: () => ({
      anyOf: [
        { type: 'string' },
        {
          type: 'object',
          properties: { propertyName: { type: 'string' }, direction: { enum: ['ASCENDING', 'DESCENDING'] } },
          required: ['propertyName'],
          additionalProperties: false,
        },
      ],
    }),
  },
  {
    vendors: ['salesforce'],
    of: 'answers',
    rule: 'instants are texts of any form',
    reason: 'real ones are 2026-05-01T07:25:37.000+0000, which RFC 3339 does not know (recorded; vendor-apis.md 4)',
    at: /^/,
    change: (schema) => (schema['format'] === 'date-time' ? { type: 'string' } : schema),
  },
  {
    vendors: ['salesforce'],
    of: 'answers',
    rule: 'fields of a record may be null',
    reason: 'a field without a value is shown as null (recorded; vendor-apis.md 4)',
    at: /SObject\.\w+$/,
    change: orNull,
  },
  {
    vendors: ['salesforce'],
    of: 'answers',
    rule: 'what is said of objects and fields may be null',
    reason: "describe says null where a word does not apply: a field's mask, an object's keyPrefix (recorded; vendor-apis.md 4)",
    at: /^(Describe(SObject|Global)Result|SObjectRootInfo)\..*\w$/,
    change: orNull,
  },
];

/** The relaxations that hold for these, as one change. */
export function relaxing(vendor: ContractVendor, of: Relaxation['of']): Change {
  const chosen = RELAXATIONS.filter((relaxation) => relaxation.of === of && relaxation.vendors.includes(vendor));
  return (schema, at) => chosen.reduce((kept, relaxation) => (relaxation.at.test(at) ? relaxation.change(kept) : kept), schema);
}

/** How many schemas a relaxation changes: one that changes none has had its day. */
export function countChanged(relaxation: Relaxation, definitions: Definitions): number {
  let count = 0;
  changedAll(definitions, (schema, at) => {
    if (relaxation.at.test(at) && relaxation.change(schema) !== schema) count += 1;
    return schema;
  });
  return count;
}
