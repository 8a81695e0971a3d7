/**
 * What crosses the HTTP API, as zod schemas: the OpenAPI document, the server's validation and the client's types come from here.
 */
import { z } from '@hono/zod-openapi';
import { FIELD_NAMES, ITEM_KINDS } from '@lockstep/domain/backlog/item.ts';
import type { FieldName } from '@lockstep/domain/backlog/item.ts';
import { operatingFiguresSchema } from './figure-schemas.ts';

const fieldNames = FIELD_NAMES as readonly [FieldName, ...FieldName[]];
export const fieldValueSchema = z.union([z.string(), z.null(), z.array(z.string())]).openapi('FieldValue');
export const fieldMapSchema = z.partialRecord(z.enum(fieldNames), fieldValueSchema).openapi('FieldMap');
const instant = z.string().openapi({ format: 'date-time' });

export const problemSchema = z
  .object({
    /** A stable code for scripts. */
    code: z.enum([
      'bad_request',
      'unauthorized',
      'not_found',
      'forbidden',
      'stale_plan',
      'bad_steps',
      'refused',
      'too_large',
      'compressed',
      'rate_limited',
      'internal',
    ]),
    /** What, where, expected, got, what to do. */
    message: z.string(),
  })
  .openapi('Problem');

export const itemSchema = z
  .object({ itemId: z.string(), kind: z.enum(ITEM_KINDS), fields: fieldMapSchema, deletedAt: instant.nullable() })
  .openapi('Item');

export const foundItemSchema = z
  .object({
    item: itemSchema,
    /** The item's own id, a record's id or key in a tool, its whole title, or a part of it. */
    by: z.enum(['id', 'record', 'title', 'words']),
  })
  .openapi('FoundItem');

export const breakerSchema = z
  .object({ cause: z.enum(['mass-delete', 'mass-unlink', 'auth', 'plan']), message: z.string(), count: z.number().int(), since: instant })
  .openapi('Breaker');

export const connectionStatusSchema = z
  .object({
    connectionId: z.string(),
    connector: z.string(),
    gate: z.enum(['open', 'plan-first', 'paused']),
    breaker: breakerSchema.nullable(),
    links: z.number().int(),
    owed: z.number().int(),
    sending: z.number().int(),
    parked: z.number().int(),
    dirty: z.number().int(),
    openConflicts: z.number().int(),
    oldestOwedSince: instant.nullable(),
    lastPulledAt: instant.nullable(),
    lastPushedAt: instant.nullable(),
    lastFullScanAt: instant.nullable(),
  })
  .openapi('ConnectionStatus');

export const statusSchema = z
  .object({
    workspace: z.string(),
    /** Nothing is owed, marked or under way, and no breaker is open. */
    inStep: z.boolean(),
    itemsByKind: z.partialRecord(z.enum(ITEM_KINDS), z.number().int()),
    conflicts: z.object({ open: z.number().int(), recorded: z.number().int() }),
    connections: z.array(connectionStatusSchema),
    figures: operatingFiguresSchema,
    engines: z.object({ temporal: z.string(), postgres: z.string() }),
  })
  .openapi('Status');

export const plannedWriteSchema = z
  .object({
    connectionId: z.string(),
    itemId: z.string(),
    kind: z.enum(ITEM_KINDS),
    title: z.string(),
    operation: z.enum(['create', 'update', 'remove']),
    remoteKey: z.string().nullable(),
    fields: z.array(z.object({ field: z.enum(fieldNames), before: fieldValueSchema, after: fieldValueSchema })),
  })
  .openapi('PlannedWrite');

export const planSchema = z
  .object({
    planId: z.string(),
    writes: z.array(plannedWriteSchema),
    heldBack: z.array(z.object({ connectionId: z.string(), deletes: z.number().int(), unlinks: z.number().int(), message: z.string() })),
  })
  .openapi('Plan');

export const applyRequestSchema = z
  .object({ planId: z.string().min(1), connections: z.array(z.string()).default([]), approveDeletes: z.boolean().default(false) })
  .openapi('ApplyRequest');
export const syncRequestSchema = z
  .object({ connections: z.array(z.string()).default([]), fullScan: z.boolean().default(false) })
  .openapi('SyncRequest');
export const wokenSchema = z.object({ woken: z.array(z.string()) }).openapi('Woken');

export const conflictSchema = z
  .object({
    conflictId: z.string(),
    kind: z.string(),
    state: z.enum(['open', 'recorded', 'resolved']),
    itemId: z.string().nullable(),
    field: z.enum(fieldNames).nullable(),
    connectionId: z.string(),
    remoteId: z.string().nullable(),
    canonicalValue: fieldValueSchema,
    remoteValue: fieldValueSchema,
    baseValue: fieldValueSchema,
    message: z.string(),
    raisedAt: instant,
    resolvedAt: instant.nullable(),
    resolution: z.string().nullable(),
  })
  .openapi('Conflict');

export const resolutionSchema = z
  .discriminatedUnion('choice', [
    z.object({ choice: z.literal('canonical') }),
    z.object({ choice: z.literal('remote') }),
    z.object({ choice: z.literal('value'), value: fieldValueSchema }),
  ])
  .openapi('Resolution');

export const whySchema = z
  .object({
    item: itemSchema,
    fields: z.array(
      z.object({
        field: z.enum(fieldNames),
        value: fieldValueSchema,
        source: z.string(),
        version: z.number().int(),
        held: z.array(z.string()),
      }),
    ),
    links: z.array(
      z.object({
        connectionId: z.string(),
        remoteId: z.string(),
        remoteKey: z.string().nullable(),
        url: z.string().nullable(),
        state: z.string(),
      }),
    ),
    owed: z.array(
      z.object({
        connectionId: z.string(),
        operation: z.string(),
        state: z.string(),
        attempts: z.number().int(),
        error: z.object({ code: z.string(), message: z.string() }).nullable(),
        owedSince: instant,
      }),
    ),
    conflicts: z.array(conflictSchema),
    ledger: z.array(
      z.object({
        at: instant,
        runId: z.string(),
        target: z.string(),
        operation: z.string(),
        actor: z.string(),
        cause: z.string(),
        before: fieldMapSchema,
        after: fieldMapSchema,
        remoteId: z.string().nullable(),
      }),
    ),
  })
  .openapi('Why');

export const importRequestSchema = z
  .object({
    /** Items to set: by `itemId`, else by kind and title (made where there is none). Fields that are left out stay as they are. */
    items: z.array(z.object({ itemId: z.string().optional(), kind: z.enum(ITEM_KINDS), fields: fieldMapSchema })).max(5_000),
    dryRun: z.boolean().default(true),
  })
  .openapi('ImportRequest');
export const importAnswerSchema = z
  .object({
    created: z.number().int(),
    updated: z.number().int(),
    unchanged: z.number().int(),
    problems: z.array(z.object({ index: z.number().int(), message: z.string() })),
    dryRun: z.boolean(),
  })
  .openapi('ImportAnswer');

export const findingSchema = z
  .object({
    connectionId: z.string(),
    level: z.enum(['ok', 'warning', 'error']),
    subject: z.string(),
    message: z.string(),
    remedy: z.string().nullable(),
  })
  .openapi('Finding');

export type Status = z.infer<typeof statusSchema>;
export type ConnectionStatus = z.infer<typeof connectionStatusSchema>;
export type Plan = z.infer<typeof planSchema>;
export type Conflict = z.infer<typeof conflictSchema>;
export type Why = z.infer<typeof whySchema>;
export type ApiItem = z.infer<typeof itemSchema>;
export type FoundItem = z.infer<typeof foundItemSchema>;
export type Finding = z.infer<typeof findingSchema>;
export type Problem = z.infer<typeof problemSchema>;
export type Resolution = z.infer<typeof resolutionSchema>;
export type ImportRequest = z.infer<typeof importRequestSchema>;
export type ImportAnswer = z.infer<typeof importAnswerSchema>;
