/** The page for people: the backlog's items, a form for each, the recycle bin. What is done here is done by Maria. */
import type { Hono } from 'hono';
import { html } from 'hono/html';
import { pageIn } from '../kernel/page.ts';
import type { Html } from '../kernel/page.ts';
import type { VendorEnv } from '../kernel/vendor.ts';
import type { Sessions } from './access.ts';
import { noSession, notFound } from './errors.ts';
import type { SalesforceError } from './errors.ts';
import type { FieldDefinition, SalesforceRecord, Session } from './model.ts';
import { recordToWrite } from './object-routes.ts';
import { createRecord, deleteRecord, undeleteRecord, updateRecord } from './writing.ts';
import type { Writers } from './writing.ts';

const STYLE = `body{font:14px/1.45 system-ui,sans-serif;margin:0;background:#f3f3f3;color:#181818}header{background:#032d60;color:#fff;padding:12px 20px}
header a{color:#fff}main{padding:16px 20px}table{border-collapse:collapse;background:#fff;width:100%;margin:12px 0}th,td{text-align:left;padding:8px;border-bottom:1px solid #c9c9c9;vertical-align:top}
form.edit{background:#fff;padding:16px;border-radius:4px;max-width:760px;display:grid;gap:10px}label{display:grid;gap:3px;font-weight:600}
input,textarea,select{font:inherit;padding:6px;border:1px solid #c9c9c9;border-radius:4px}button{font:inherit;padding:6px 12px;border:0;border-radius:4px;background:#0176d3;color:#fff;cursor:pointer}.error{background:#fdedee;padding:10px}`;

const layout = pageIn({
  tool: 'Salesforce',
  style: STYLE,
  header: html`<a href="/ui"><strong>Lockstep Items</strong></a> · a stand-in for Salesforce, not Salesforce's`,
});

const OBJECT = 'Lockstep_Item__c';
const MOST_ROWS = 500;

export function pageRoutes(app: Hono<VendorEnv>, writers: Writers, sessions: Sessions): void {
  const { org } = writers;
  const item = () => org.schema.object(OBJECT);
  const maria = (): Session => {
    const session = sessions.named('maria');
    if (session === null) throw noSession();
    return session;
  };
  app.use('/ui/*', async (c, next) => {
    c.env.trace.account = 'person';
    await next();
  });
  app.get('/ui', (c) => c.html(layout('Lockstep Items', list(writers))));
  app.post('/ui', async (c) => {
    const title = String((await c.req.formData()).get('Title__c') ?? '');
    Object.assign(c.env.trace, { operation: 'page: create', effect: 'create', records: 1 });
    const record = org.transaction(() => createRecord(writers, maria(), item(), { Title__c: title }));
    return c.redirect(`/ui/items/${record.id}`);
  });
  app.get('/ui/items/:id', (c) => {
    const record = org.find(item(), c.req.param('id'));
    if (record === undefined) throw notFound();
    return c.html(layout(String(record.values['Title__c'] ?? record.id), form(writers, record)));
  });
  app.post('/ui/items/:id', async (c) => {
    const values = await c.req.formData();
    const action = String(values.get('action') ?? 'save');
    const binned = org.find(item(), c.req.param('id'));
    if (action === 'undelete' && binned !== undefined) {
      Object.assign(c.env.trace, { operation: 'page: undelete', effect: 'update', records: 1 });
      org.transaction(() => undeleteRecord(writers, maria(), binned));
      return c.redirect(`/ui/items/${binned.id}`);
    }
    const record = recordToWrite(org, item(), c.req.param('id'));
    if (action === 'delete') {
      Object.assign(c.env.trace, { operation: 'page: delete', effect: 'delete', records: 1 });
      org.transaction(() => deleteRecord(writers, maria(), record));
      return c.redirect('/ui');
    }
    Object.assign(c.env.trace, { operation: 'page: edit', effect: 'update', records: 1 });
    org.transaction(() => updateRecord(writers, maria(), record, sent(writers, record, values)));
    return c.redirect(`/ui/items/${record.id}`);
  });
}

const editable = ({ org }: Writers): readonly FieldDefinition[] =>
  org.schema.object(OBJECT).fields.filter(({ updateable, type }) => updateable && type !== 'reference');

/** Only what differs from what was shown: an untouched box writes nothing. */
function sent(writers: Writers, record: SalesforceRecord, values: FormData): Record<string, string> {
  return Object.fromEntries(
    editable(writers)
      .map(({ name }) => [name, values.get(name)] as const)
      .flatMap(([name, value]): [string, string][] => {
        const text = typeof value === 'string' ? value.replaceAll('\r\n', '\n') : null;
        return text === null || text === String(record.values[name] ?? '').replaceAll('\r\n', '\n') ? [] : [[name, text]];
      }),
  );
}

function list({ org }: Writers): Html {
  const all = org.list(org.schema.object(OBJECT), true);
  const [live, binned] = [all.filter(({ deletedMs }) => deletedMs === null), all.filter(({ deletedMs }) => deletedMs !== null)];
  return html`<form method="post" action="/ui">
      <input name="Title__c" placeholder="A new item" required size="40" /> <button>Create</button>
    </form>
    ${table(live.slice(0, MOST_ROWS))} ${live.length > MOST_ROWS ? html`<p>${live.length - MOST_ROWS} more</p>` : ''}
    ${
      binned.length === 0
        ? ''
        : html`<h2>Recycle bin</h2>
            ${table(binned.slice(0, MOST_ROWS))}`
    }`;
}

function table(records: readonly SalesforceRecord[]): Html {
  const cells = ['Status__c', 'Priority__c', 'Due__c', 'Owner__c', 'Section__c'] as const;
  return html`<table>
    <tr>
      <th>Number</th>
      <th>Title</th>
      ${cells.map((name) => html`<th>${name.replace('__c', '')}</th>`)}
    </tr>
    ${records.map(
      ({ id, values }) =>
        html`<tr>
          <td>${values['Name'] ?? ''}</td>
          <td><a href="/ui/items/${id}">${values['Title__c'] ?? ''}</a></td>
          ${cells.map((name) => html`<td>${values[name] ?? ''}</td>`)}
        </tr>`,
    )}
  </table>`;
}

function form(writers: Writers, record: SalesforceRecord): Html {
  if (record.deletedMs !== null)
    return html`<form class="edit" method="post">
      <p>${record.values['Title__c'] ?? ''} is in the recycle bin.</p>
      <div><button name="action" value="undelete">Undelete</button></div>
    </form>`;
  return html`<form class="edit" method="post">
    ${editable(writers).map((field) => html`<label>${field.label} ${box(field, String(record.values[field.name] ?? ''))}</label>`)}
    <div><button name="action" value="save">Save</button> <button name="action" value="delete">Delete</button></div>
  </form>`;
}

function box(field: FieldDefinition, value: string): Html {
  if (field.options.length > 0)
    return html`<select name="${field.name}">
      <option value=""></option>
      ${field.options.map((option) => html`<option value="${option}" ${option === value ? 'selected' : ''}>${option}</option>`)}
    </select>`;
  return field.type === 'textarea'
    ? html`<textarea name="${field.name}" rows="3">${value}</textarea>`
    : html`<input name="${field.name}" value="${value}" />`;
}

/** A refusal, on the page as a sentence. */
export function pageError(error: SalesforceError): Html {
  return layout(
    'Refused',
    html`<p class="error">${error.message}</p>
      <p><a href="/ui">Back to the items</a></p>`,
  );
}
