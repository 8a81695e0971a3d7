/** What every route answers besides its own. */
import type { z } from '@hono/zod-openapi';
import { problemSchema } from './schemas.ts';

/** A JSON body of this schema. */
export const json = <S extends z.ZodType>(schema: S) => ({ 'application/json': { schema } });

/** A problem as the answer. */
export const problem = (description: string) => ({ description, content: json(problemSchema) });

/** The problems that any route may answer. */
export const failures = {
  400: problem('The request is not of this form'),
  401: problem('No token, or not the right one'),
  403: problem('Not for the role of this token'),
  404: problem('There is no such thing'),
  409: problem('Refused in the present state'),
  413: problem('Larger than 32 MiB; nothing of it was taken'),
  415: problem('The body is not declared as JSON'),
  429: problem('Too many calls of this account; Retry-After says when to go on'),
};

/** Every route but health and the OpenAPI document needs the token. */
export const security = [{ token: [] }];
