/** Every request has an id of ours, which the answer shows and every line of the log bears: what a caller sends as one is not believed, as it might name anybody. */
import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { withLogFields } from '../telemetry/log-fields.ts';

export const withRequestId: MiddlewareHandler = (c, next) => {
  const requestId = randomUUID();
  c.header('x-request-id', requestId);
  return withLogFields({ requestId }, next);
};
