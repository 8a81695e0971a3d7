/**
 * What no route takes, whatever it is about: more than a body may hold, and texts that cannot be put on record. PostgreSQL keeps neither U+0000 nor half of a
 * surrogate pair, and whoever sends one is told where it stands, before any handler has begun.
 */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Problem } from '@lockstep/api/schemas.ts';
import { bodyLimit } from 'hono/body-limit';
import type { Context } from 'hono';
import { CLOSE } from './body.ts';

/** An import of 5,000 items and a change set of 10,000 steps are some megabytes. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Only so can a JSON text hold one: as an escape. */
const SUSPICIOUS = /\\u(?:0000|d[89a-f])/i;

/** Added behind the guard: nobody's body is read who may not call the route. */
export function addTextCheck(app: OpenAPIHono): void {
  const refuse = (c: Context, place: string): Response =>
    c.json(
      { code: 'bad_request', message: `${place}: expected text without U+0000 and half surrogate pairs, got one` } satisfies Problem,
      400,
    );
  app.use(
    '/v1/*',
    bodyLimit({
      maxSize: MOST_BYTES,
      onError: (c) =>
        c.json(
          { code: 'too_large', message: `body: expected at most ${MOST_BYTES} bytes; send it in parts` } satisfies Problem,
          413,
          CLOSE,
        ),
    }),
  );
  app.use('/v1/*', async (c, next) => {
    const inUrl = Object.entries({ ...c.req.queries(), path: [pathOf(c)] }).find(([, texts]) => !texts.every(isStorable));
    if (inUrl !== undefined) return refuse(c, inUrl[0]);
    if (c.req.raw.body !== null) {
      const text = await c.req.text();
      const place = SUSPICIOUS.test(text) ? unstorableIn(text) : null;
      if (place !== null) return refuse(c, place);
    }
    return next();
  });
}

const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/** Decoded, as the parameters in it are; as it is where it cannot be. */
function pathOf(c: Context): string {
  try {
    return decodeURIComponent(c.req.path);
  } catch {
    return c.req.path.replaceAll('%00', '\0');
  }
}

/** Where in a JSON text such a text stands; null where none does, or where it is no JSON, of which the route says so. Any depth: nothing here calls itself. */
function unstorableIn(json: string): string | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json) as unknown;
  } catch {
    return null;
  }
  const left: { readonly place: string; readonly value: unknown }[] = [{ place: 'body', value: parsed }];
  for (let one = left.pop(); one !== undefined; one = left.pop()) {
    const { place, value } = one;
    if (typeof value === 'string' && !isStorable(value)) return place;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      if (!isStorable(key)) return `${place}, a key`;
      left.push({ place: place.length > MOST_PLACE ? place : `${place}.${key}`, value: inner });
    }
  }
  return null;
}

/** Of a place: what lies deeper is told by what is around it. */
const MOST_PLACE = 200;
