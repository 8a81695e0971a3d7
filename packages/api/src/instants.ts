/** Instants as callers give them. */
import { z } from '@hono/zod-openapi';

/** PostgreSQL has no year 0. */
const EARLIEST_MS = Date.parse('0001-01-01T00:00:00Z');
const EXPECTED = 'expected an ISO 8601 instant with a zone such as 2026-11-29T15:00:00Z, from the year 1 on';

/** With a zone, and one that the store can hold. */
export const givenInstant = z.iso
  .datetime({ offset: true, error: EXPECTED })
  .refine((text) => Date.parse(text) >= EARLIEST_MS, { error: EXPECTED });
