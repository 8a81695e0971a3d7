/** The people of the portal. */
import type { Hono } from 'hono';
import type { VendorEnv } from '../kernel/vendor.ts';
import { allowed } from './access.ts';
import { booleanParameter, limitParameter, onlyParameters } from './body.ts';
import { badRequest, missing } from './errors.ts';
import type { Owner } from './model.ts';
import { OWNER_PATHS } from './parts.ts';
import { OWNERS } from './scenario.ts';

const SCOPE = 'crm.objects.owners.read';
const HIRED = '2024-01-01T00:00:00.000Z';

export function ownerRoutes(app: Hono<VendorEnv>): void {
  for (const base of OWNER_PATHS) {
    for (const path of [base, `${base}/`])
      app.get(path, (c) => {
        allowed(c, SCOPE);
        onlyParameters(c, 'email', 'after', 'limit', 'archived');
        const limit = limitParameter(c, 100, 500);
        const after = c.req.query('after') ?? '0';
        if (!/^\d+$/.test(after)) throw badRequest(`Invalid paging cursor 'after': ${after}`);
        const email = c.req.query('email')?.toLowerCase();
        const all = booleanParameter(c, 'archived') ? [] : OWNERS.filter((owner) => email === undefined || owner.email === email);
        const rest = all.filter((owner) => Number(owner.id) > Number(after));
        const page = rest.slice(0, limit);
        const last = page.at(-1);
        Object.assign(c.env.trace, { operation: 'list owners', effect: 'read', records: page.length });
        return c.json({
          results: page.map(shown),
          ...(last === undefined || rest.length === page.length ? {} : { paging: { next: { after: last.id } } }),
        });
      });
    app.get(`${base}/:id`, (c) => {
      allowed(c, SCOPE);
      onlyParameters(c, 'idProperty', 'archived');
      const idProperty = c.req.query('idProperty') ?? 'id';
      if (idProperty !== 'id' && idProperty !== 'userId') throw badRequest(`'idProperty' must be id or userId, was '${idProperty}'`);
      const id = c.req.param('id');
      const owner = booleanParameter(c, 'archived') ? undefined : OWNERS.find((candidate) => String(candidate[idProperty]) === id);
      if (owner === undefined) throw missing(id, 'Owner');
      Object.assign(c.env.trace, { operation: 'get owner', effect: 'read', records: 1 });
      return c.json(shown(owner));
    });
  }
}

const shown = (owner: Owner): object => ({
  id: owner.id,
  email: owner.email,
  type: 'PERSON',
  firstName: owner.firstName,
  lastName: owner.lastName,
  userId: owner.userId,
  userIdIncludingInactive: owner.userId,
  createdAt: HIRED,
  updatedAt: HIRED,
  archived: false,
});
