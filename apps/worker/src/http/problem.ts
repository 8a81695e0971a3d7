/** What a caller is told of an error, and with which status. */
import { HTTPException } from 'hono/http-exception';
import type { Problem } from '@lockstep/api/schemas.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { CommandRefused, NotOnRecord } from '@lockstep/engine/commands.ts';
import { SetNotOnRecord } from '@lockstep/engine/crm/environment.ts';
import { StalePlan } from '@lockstep/engine/plan.ts';
import { ReplayNotOnRecord } from '@lockstep/engine/replay/environment.ts';
import { UnknownConnection } from '@lockstep/engine/workspace.ts';
import { UnusableDocument } from '../routing-redecide.ts';
import { Forbidden } from './change-sets.ts';

/** 500 is what nobody foresaw: it says nothing of the error, which the log has. */
export function problemOf(error: Error): { readonly status: 400 | 403 | 404 | 409 | 415 | 500; readonly body: Problem } {
  if ([UnknownConnection, NotOnRecord, SetNotOnRecord, ReplayNotOnRecord].some((unknown) => error instanceof unknown))
    return { status: 404, body: { code: 'not_found', message: error.message } };
  if (error instanceof Forbidden) return { status: 403, body: { code: 'forbidden', message: error.message } };
  if (error instanceof StalePlan) return { status: 409, body: { code: 'stale_plan', message: error.message } };
  if (error instanceof CommandRefused) return { status: 409, body: { code: 'refused', message: error.message } };
  if (error instanceof UnusableDocument) return { status: 400, body: { code: 'bad_request', message: error.message } };
  // A tool says no, or cannot be asked now: its connector's message says which, and what to do. Nothing of ours has failed.
  if (error instanceof ConnectorError) return { status: 409, body: { code: 'refused', message: error.message } };
  if (error instanceof HTTPException && error.status === 415)
    return { status: 415, body: { code: 'bad_request', message: 'content-type: expected application/json, got another or none' } };
  // Thrown by the framework: the body is not JSON.
  if (error instanceof HTTPException && error.status === 400)
    return { status: 400, body: { code: 'bad_request', message: 'body: expected JSON, got something else' } };
  return { status: 500, body: { code: 'internal', message: 'the worker failed; its log says why' } };
}
