/** What Jira has only on pages: the workflow, for administrators, and moving an issue or making it a subtask. For tests; whoever asks may do it. */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { VendorEnv } from '../kernel/vendor.ts';
import { bodyOf } from './body.ts';
import { USERS } from './scenario.ts';
import type { Site } from './site.ts';

const workflowSchema = z.strictObject({
  statuses: z.array(z.strictObject({ id: z.string(), name: z.string(), category: z.enum(['new', 'indeterminate', 'done']) })).min(1),
  transitions: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      from: z.array(z.string()).nullable(),
      to: z.string(),
      requires: z.array(z.string()).default([]),
    }),
  ),
});

/** Another project's key for it, another type, a parent: what the dialog of "Move" asks for. */
const moveSchema = z.strictObject({ key: z.string().optional(), issuetype: z.string().optional(), parent: z.string().optional() });

export function settingsRoutes(app: Hono<VendorEnv>, site: Site): void {
  app.post('/ui/issues/:id/move', async (c) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'move issue', effect: 'update', records: 1 });
    const { key, ...values } = await bodyOf(c, moveSchema);
    const [, person] = USERS;
    if (person === undefined) throw new Error('Jira: expected a person beside Lockstep in the scenario, got none');
    const issue = site.issue(person, c.req.param('id'));
    site.transaction(() => {
      if (key !== undefined) site.rename(person, issue, key);
      site.change(person, issue, values);
    });
    return c.json({ id: issue.id, key: issue.key });
  });
  app.get('/ui/settings/workflow', (c) => c.json(site.workflow));
  app.put('/ui/settings/workflow', async (c) => {
    c.env.trace.account = 'person';
    site.saveWorkflow(await bodyOf(c, workflowSchema));
    return c.json(site.workflow);
  });
}
