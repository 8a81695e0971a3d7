/** The figures by which operators decide: in `GET /v1/status`, the same ones as Prometheus reads at `/metrics`. Ages are seconds; 0 where there is nothing. */
import { z } from '@hono/zod-openapi';

const count = z.number().int().min(0);
const seconds = z.number().min(0);

const apiBudgetSchema = z
  .object({
    /** What the vendor said last of the calls that the account has left. */
    allowances: z.array(z.object({ scope: z.enum(['day', 'window']), limit: z.number().nullable(), remaining: z.number() })),
    /** For how long nothing is sent to the account. */
    heldSeconds: seconds,
    requests: z.object({ answered: count, throttled: count, refused: count, failed: count, unanswered: count }),
  })
  .openapi('ApiBudget');

const connectionFiguresSchema = z
  .object({
    connectionId: z.string(),
    connector: z.string(),
    gate: z.enum(['open', 'plan-first', 'paused']),
    breaker: z.enum(['mass-delete', 'mass-unlink', 'auth', 'plan']).nullable(),
    /** Since a page was read from it last; null: none was yet. */
    lagSeconds: seconds.nullable(),
    fullScanAgeSeconds: seconds.nullable(),
    /** How long the oldest change waits that is to be read or written. */
    oldestUnsyncedSeconds: seconds,
    owed: count,
    sending: count,
    marked: count,
    /** What waits for a person after it has failed, by kind and code. */
    parked: z.array(z.object({ kind: z.enum(['write', 'field', 'record', 'comment']), code: z.string(), count })),
    conflicts: z.array(z.object({ kind: z.string(), count })),
    /** Of the process that answers, since it began; null: nothing was sent yet. */
    api: apiBudgetSchema.nullable(),
  })
  .openapi('ConnectionFigures');

export const slaCounts = { open: count, atRisk: count, escalated: count, breached: count, uncovered: count, met: count, withdrawn: count };

export const operatingFiguresSchema = z
  .object({
    at: z.string().openapi({ format: 'date-time' }),
    connections: z.array(connectionFiguresSchema),
    /** Null where they are not served. */
    changeSets: z
      .object({
        underWay: count,
        awaitingApproval: count,
        oldestAwaitingSeconds: seconds,
        needOperator: count,
        oldestNeedSeconds: seconds,
        owedNotices: count,
        oldestOwedNoticeSeconds: seconds,
      })
      .nullable(),
    replays: z.object({ underWay: count, awaitingApproval: count }).nullable(),
    /** Null where nothing is routed. */
    routing: z
      .object({
        totals: z.object(slaCounts),
        slas: z.array(z.object({ slaId: z.string(), ...slaCounts })),
        leads: z.object({ followed: count, deciding: count, offered: count, escalated: count, accepted: count }),
        openWrites: count,
        owedNotices: count,
        oldestOwedNoticeSeconds: seconds,
        /** How late the clock is that has waited longest for something to be done. */
        overdueSeconds: seconds,
      })
      .nullable(),
  })
  .openapi('OperatingFigures');

export type ApiFigures = z.infer<typeof operatingFiguresSchema>;
