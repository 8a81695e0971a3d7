/** The audit log over the API: for whoever has a token, of any role. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import * as routes from '@lockstep/api/audit-routes.ts';
import type { Problem } from '@lockstep/api/schemas.ts';
import type { AuditLog } from '@lockstep/domain/audit/audit.port.ts';
import { proveConsistency, proveInclusion } from '@lockstep/engine/audit-proofs.ts';

export function addAuditRoutes(app: OpenAPIHono, log: AuditLog): void {
  app.openapi(routes.auditRoute, async (c) => {
    const { from, limit } = c.req.valid('query');
    const rows = await log.page({ from, limit });
    const size = await log.size();
    const end = from + rows.length;
    const entries = rows.map(({ seq, canonical, leafHash }) => ({ seq, canonical, leaf: Buffer.from(leafHash).toString('hex') }));
    return c.json({ size, entries, next: rows.length === limit && end < size ? (rows.at(-1)?.seq ?? end) + 1 : null }, 200);
  });
  app.openapi(routes.auditCheckpointsRoute, async (c) =>
    c.json({ checkpoints: (await log.checkpoints(c.req.valid('query'))).map((checkpoint) => ({ ...checkpoint })) }, 200),
  );
  app.openapi(routes.auditConsistencyRoute, async (c) => {
    const { first, second } = c.req.valid('query');
    const answer = await orProblem(() => proveConsistency(log, first, second));
    return typeof answer === 'string' ? c.json(badRequest(answer), 400) : c.json({ ...answer, proof: [...answer.proof] }, 200);
  });
  app.openapi(routes.auditInclusionRoute, async (c) => {
    const answer = await orProblem(() => proveInclusion(log, c.req.valid('param').seq, c.req.valid('query').size));
    return typeof answer === 'string' ? c.json(badRequest(answer), 400) : c.json({ ...answer, proof: [...answer.proof] }, 200);
  });
}

/** The answer, or what is wrong with the question. */
async function orProblem<T>(prove: () => Promise<T>): Promise<T | string> {
  try {
    return await prove();
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

function badRequest(message: string): Problem {
  return { code: 'bad_request', message };
}
