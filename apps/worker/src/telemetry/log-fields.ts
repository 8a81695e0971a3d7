/**
 * What every line of the log has in common that is written while one thing is done: the request, or the workflow, its activity and run. Kept beside the calls, so that
 * whoever logs need not know of it. Ids only, of which none is a person's.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { context, trace } from '@opentelemetry/api';

export interface LogFields {
  /** Ours, in the header `x-request-id` of the answer too. */
  readonly requestId?: string;
  readonly workflowId?: string;
  readonly activity?: string;
  readonly attempt?: number;
  readonly connectionId?: string;
  /** Of a pass over a connection, as the ledger has it. */
  readonly runId?: string;
}

const fields = new AsyncLocalStorage<LogFields>();

/** Lines that are written within it have these fields, and those around it. */
export function withLogFields<T>(more: LogFields, run: () => T): T {
  return fields.run({ ...fields.getStore(), ...more }, run);
}

/** For pino's `mixin`: the fields of what is done now, and the ids of its trace where there is one. */
export function logFields(): LogFields & { readonly traceId?: string; readonly spanId?: string } {
  const running = trace.getSpanContext(context.active());
  return { ...fields.getStore(), ...(running === undefined ? {} : { traceId: running.traceId, spanId: running.spanId }) };
}
