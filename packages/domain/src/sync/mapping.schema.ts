/**
 * What a connection holds and who owns what: the versioned mapping, as data (YAML on disk, validated here).
 *
 * Law S13: each mapped field has one owner or a declared merge rule; a two-way field without one does not load. The rule of a field is the same
 * on every connection (`ruleConflicts` in ownership.ts checks a whole configuration).
 */
import { z } from 'zod';
import { FIELD_NAMES, FIELD_TYPES, ITEM_KINDS, PRIORITIES, STATUSES } from '../backlog/item.ts';
import type { FieldName, ItemKind } from '../backlog/item.ts';

const fieldNames = FIELD_NAMES as readonly [FieldName, ...FieldName[]];

/**
 * How two concurrent edits of a field settle. `text`: three-way merge, overlapping edits settle like `order`. `set`: additions and removals
 * are merged. `order`: the connection that stands first in the workspace's order wins, the other value stays on record. `manual`: a person decides.
 * `owner:<connection>`: that connection wins over all others, these settle by order among themselves.
 */
export const mergeRuleSchema = z.union([
  z.enum(['text', 'set', 'order', 'manual']),
  z.templateLiteral(['owner:', z.string().regex(/^[a-z][a-z0-9-]*$/)]),
]);
export type MergeRule = z.infer<typeof mergeRuleSchema>;

const mappedFieldSchema = z.strictObject({
  /** The remote's field, by name or id ("summary", "Definition of done", "hs_task_subject"). */
  remote: z.string().min(1),
  direction: z.enum(['both', 'in', 'out']),
  rule: mergeRuleSchema.optional(),
  /** Only these kinds have the field here; all mapped kinds where it is left out. */
  kinds: z.array(z.enum(ITEM_KINDS)).min(1).optional(),
  /** References (parent, dependsOn): shown by the record's id or in words. */
  refersBy: z.enum(['id', 'title']).optional(),
});

const mappedKindSchema = z.strictObject({
  /** The remote's type: Jira issue type, Notion option of the kind property, HubSpot object type. */
  remote: z.string().min(1),
  /** Tells kinds of one remote type apart (Jira): records of this kind carry this label. */
  label: z.string().min(1).optional(),
});

/** A connection's mapping file, version 1. */
export const mappingSchema = z
  .strictObject({
    version: z.literal(1),
    connector: z.enum(['document', 'jira', 'notion', 'hubspot', 'salesforce']),
    /** Where records live: Jira {project}, Notion {dataSource, kindProperty, markerProperty}, HubSpot {markerProperty}. */
    target: z.record(z.string(), z.string()).default({}),
    kinds: z.partialRecord(z.enum(ITEM_KINDS), mappedKindSchema),
    fields: z.partialRecord(z.enum(fieldNames), mappedFieldSchema),
    /** Canonical status → the remote's status (name or id). The first that maps to a remote status is its canonical form. */
    status: z.partialRecord(z.enum(STATUSES), z.string().min(1)).default({}),
    priority: z.partialRecord(z.enum(PRIORITIES), z.string().min(1)).default({}),
    /** Names as the plan writes them → the remote's user id, for fields that hold people. */
    users: z.record(z.string(), z.string()).default({}),
    /** What to do here with an item that was deleted elsewhere. */
    onDelete: z.enum(['archive', 'delete', 'keep']).default('archive'),
    /** May missing select options be created at the remote? Else the field is parked (G08). */
    createOptions: z.boolean().default(false),
  })
  .superRefine((mapping, context) => {
    for (const [field, mapped] of Object.entries(mapping.fields)) {
      const type = FIELD_TYPES[field as FieldName];
      if (mapped.direction === 'both' && mapped.rule === undefined) {
        context.addIssue({
          code: 'custom',
          path: ['fields', field, 'rule'],
          message: `two-way field: expected a rule (text, set, order, manual, owner:<connection>), got none (law S13)`,
        });
      }
      if (mapped.rule === 'set' && type !== 'set' && type !== 'refSet') {
        context.addIssue({ code: 'custom', path: ['fields', field, 'rule'], message: `rule set: expected a set field, got ${type}` });
      }
      if (mapped.rule === 'text' && type !== 'text' && type !== 'line') {
        context.addIssue({ code: 'custom', path: ['fields', field, 'rule'], message: `rule text: expected a text field, got ${type}` });
      }
      if (mapped.refersBy !== undefined && type !== 'ref' && type !== 'refSet') {
        context.addIssue({
          code: 'custom',
          path: ['fields', field, 'refersBy'],
          message: `refersBy: expected a reference field, got ${type}`,
        });
      }
    }
  });

export type Mapping = z.infer<typeof mappingSchema>;
export type MappingField = z.infer<typeof mappedFieldSchema>;
export type MappingKind = ItemKind;
