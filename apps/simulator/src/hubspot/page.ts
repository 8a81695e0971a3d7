/** The page for people: a list of tasks, a form for each, and the app's webhooks. What is done here is done by Maria, with webhooks like anybody's. */
import type { Hono } from 'hono';
import { html } from 'hono/html';
import { z } from 'zod';
import { pageIn } from '../kernel/page.ts';
import type { Html } from '../kernel/page.ts';
import type { VendorEnv } from '../kernel/vendor.ts';
import { liveRecord } from './association-routes.ts';
import { badRequest, missing } from './errors.ts';
import type { HubSpotError } from './errors.ts';
import type { CrmRecord, PropertyDefinition, Source } from './model.ts';
import type { Parts } from './parts.ts';
import type { Portal } from './portal.ts';
import { ACCOUNTS } from './scenario.ts';
import { applyCreate, prepareCreate, prepareUpdate } from './writing.ts';

const STYLE = `body{font:14px/1.45 system-ui,sans-serif;margin:0;background:#f5f8fa;color:#33475b}header{background:#2e475d;color:#fff;padding:12px 20px}
header a{color:#fff}main{padding:16px 20px}table{border-collapse:collapse;background:#fff;width:100%;margin:12px 0}th,td{text-align:left;padding:8px;border-bottom:1px solid #dfe3eb;vertical-align:top}
th{font-size:12px;text-transform:uppercase;color:#516f90}form.edit{background:#fff;padding:16px;border-radius:4px;max-width:760px;display:grid;gap:10px}label{display:grid;gap:3px;font-weight:600}
input,textarea,select{font:inherit;padding:6px;border:1px solid #cbd6e2;border-radius:3px}button{font:inherit;padding:6px 12px;border:0;border-radius:3px;background:#ff5c35;color:#fff;cursor:pointer}.error{background:#fdedee;padding:10px;border-radius:4px}`;

const layout = pageIn({
  tool: 'HubSpot',
  style: STYLE,
  header: html`<a href="/ui"><strong>Tasks</strong></a> · a stand-in for HubSpot, not HubSpot's`,
});

const MOST_ROWS = 500;
const DAY_MS = 86_400_000;

/** Maria at the screen. */
/** Who acts on the page. */
export function person(): Source {
  const maria = ACCOUNTS.find(({ account }) => account === 'maria');
  if (maria === undefined) throw new Error('scenario: expected the account maria');
  return { sourceType: 'CRM_UI', sourceId: `userId:${maria.userId}`, userId: maria.userId };
}

export function pageRoutes(app: Hono<VendorEnv>, parts: Parts): void {
  const { portal } = parts;
  app.use('/ui/*', async (c, next) => {
    c.env.trace.account = 'person';
    await next();
  });
  app.get('/ui', (c) => c.html(layout('Tasks', list(portal))));
  app.post('/ui', async (c) => {
    const values = await c.req.formData();
    const properties = {
      hs_task_subject: text(values, 'hs_task_subject'),
      hs_timestamp: text(values, 'hs_timestamp') || new Date(portal.nowMs() + DAY_MS).toISOString(),
      hubspot_owner_id: text(values, 'hubspot_owner_id'),
    };
    const prepared = prepareCreate(parts, 'tasks', { properties });
    const record = portal.transaction(() => applyCreate(parts, person(), 'tasks', prepared));
    Object.assign(c.env.trace, { operation: 'page: create', effect: 'create', records: 1 });
    return c.redirect(`/ui/tasks/${record.id}`);
  });
  app.get('/ui/tasks/:id', (c) => {
    const record = portal.find('tasks', c.req.param('id'));
    if (record === undefined) throw missing(c.req.param('id'));
    return c.html(layout(record.values['hs_task_subject'] ?? record.id, form(portal, record)));
  });
  app.post('/ui/tasks/:id', async (c) => {
    const values = await c.req.formData();
    const action = text(values, 'action');
    if (action === 'restore') {
      const record = portal.find('tasks', c.req.param('id'));
      if (record === undefined) throw missing(c.req.param('id'));
      Object.assign(c.env.trace, { operation: 'page: restore', effect: 'update', records: 1 });
      portal.transaction(() => portal.setArchived(person(), record, false));
      return c.redirect(`/ui/tasks/${record.id}`);
    }
    const record = liveRecord(portal, 'tasks', c.req.param('id'));
    if (action === 'archive') {
      Object.assign(c.env.trace, { operation: 'page: archive', effect: 'delete', records: 1 });
      portal.transaction(() => portal.setArchived(person(), record, true));
      return c.redirect('/ui');
    }
    Object.assign(c.env.trace, { operation: 'page: edit', effect: 'update', records: 1 });
    const changes = prepareUpdate(portal, record, sent(portal, record, values));
    portal.transaction(() => portal.change(person(), record, changes));
    return c.redirect(`/ui/tasks/${record.id}`);
  });
  subscriptionRoutes(app, portal);
}

/** In reality these are the settings of the app. Takes a form or JSON; answers JSON to JSON. */
function subscriptionRoutes(app: Hono<VendorEnv>, portal: Portal): void {
  app.post('/ui/webhooks', async (c) => {
    const isJson = c.req.header('content-type')?.startsWith('application/json') === true;
    const sentUrl: unknown = isJson
      ? z.looseObject({ url: z.unknown() }).safeParse(await c.req.json()).data?.url
      : (await c.req.formData()).get('url');
    const url = z.url().safeParse(sentUrl);
    if (!url.success) throw badRequest('A webhook needs an absolute url');
    const known = [...portal.subscriptions.values()].find((subscription) => subscription.url === url.data);
    const subscription = known ?? { id: portal.next('subscription'), url: url.data };
    portal.saveSubscription(subscription);
    return isJson ? c.json(subscription, 201) : c.redirect('/ui');
  });
  app.post('/ui/webhooks/:id', (c) => {
    portal.removeSubscription(Number(c.req.param('id')));
    return c.redirect('/ui');
  });
}

const text = (values: FormData, name: string): string => String(values.get(name) ?? '').replaceAll('\r\n', '\n');

const editable = (portal: Portal): readonly PropertyDefinition[] =>
  portal.schema.propertiesOf('tasks').filter((property) => property.archivedMs === null && !property.readOnlyValue);

/** Only what differs from what was shown: an untouched box writes nothing. */
function sent(portal: Portal, record: CrmRecord, values: FormData): Record<string, string> {
  return Object.fromEntries(
    editable(portal)
      .filter(({ name }) => values.has(name) && text(values, name) !== (record.values[name] ?? '').replaceAll('\r\n', '\n'))
      .map(({ name }) => [name, text(values, name)]),
  );
}

function list(portal: Portal): Html {
  const live = portal.live('tasks');
  const archived = portal.list('tasks', { archived: true, after: 0, limit: MOST_ROWS });
  return html`<form method="post" action="/ui">
      <input name="hs_task_subject" placeholder="A new task" required size="40" />
      ${choice(portal.schema.property('tasks', 'hubspot_owner_id'), '')}
      <button>Create</button>
    </form>
    ${table(portal, live.slice(0, MOST_ROWS))} ${live.length > MOST_ROWS ? html`<p>${live.length - MOST_ROWS} more</p>` : ''}
    ${
      archived.length === 0
        ? ''
        : html`<h2>Archived</h2>
            ${table(portal, archived)}`
    }
    <h2>Webhooks of the app</h2>
    ${[...portal.subscriptions.values()].map(
      ({ id, url }) => html`<form method="post" action="/ui/webhooks/${id}"><code>${url}</code> <button>Remove</button></form>`,
    )}
    <form method="post" action="/ui/webhooks"><input name="url" placeholder="https://…" size="40" /> <button>Subscribe</button></form>`;
}

function table(portal: Portal, records: readonly CrmRecord[]): Html {
  const label = (record: CrmRecord, name: string): string => {
    const value = record.values[name] ?? '';
    return portal.schema.property('tasks', name)?.options.find((option) => option.value === value)?.label ?? value;
  };
  return html`<table>
    <tr>
      <th>Title</th>
      <th>Status</th>
      <th>Priority</th>
      <th>Due</th>
      <th>Plan owner</th>
      <th>Phase</th>
    </tr>
    ${records.map(
      (record) =>
        html`<tr>
          <td><a href="/ui/tasks/${record.id}">${record.values['hs_task_subject'] ?? '(no title)'}</a></td>
          <td>${label(record, 'hs_task_status')}</td>
          <td>${label(record, 'hs_task_priority')}</td>
          <td>${label(record, 'hs_timestamp').slice(0, 10)}</td>
          <td>${label(record, 'lockstep_owner')}</td>
          <td>${label(record, 'lockstep_phase')}</td>
        </tr>`,
    )}
  </table>`;
}

function choice(property: PropertyDefinition | undefined, value: string): Html {
  return html`<select name="${property?.name ?? ''}">
    <option value="">${property?.label ?? ''}: none</option>
    ${(property?.options ?? []).map((option) => html`<option value="${option.value}" ${option.value === value ? 'selected' : ''}>${option.label}</option>`)}
  </select>`;
}

function form(portal: Portal, record: CrmRecord): Html {
  if (record.archivedMs !== null)
    return html`<form class="edit" method="post">
      <p>${record.values['hs_task_subject'] ?? ''} is archived.</p>
      <div><button name="action" value="restore">Restore</button></div>
    </form>`;
  return html`<form class="edit" method="post">
    ${editable(portal).map((property) => {
      const value = record.values[property.name] ?? '';
      const isLong = property.fieldType === 'html' || property.fieldType === 'textarea';
      const box = isLong
        ? html`<textarea name="${property.name}" rows="3">${value}</textarea>`
        : html`<input name="${property.name}" value="${value}" />`;
      return html`<label>${property.label} ${property.type === 'enumeration' ? choice(property, value) : box}</label>`;
    })}
    <div><button name="action" value="save">Save</button> <button name="action" value="archive">Archive</button></div>
  </form>`;
}

/** A refusal, on the page as a sentence. */
export function pageError(error: HubSpotError): Html {
  return layout(
    'Refused',
    html`<p class="error">${error.message}</p>
      <p><a href="/ui">Back to the tasks</a></p>`,
  );
}
