/** The page for people: the rows of a data source as a table, and a form for each. What is done here is done by Omar, with webhooks like anybody's. */
import type { Hono } from 'hono';
import { html } from 'hono/html';
import { pageIn } from '../kernel/page.ts';
import type { Html } from '../kernel/page.ts';
import type { VendorEnv } from '../kernel/vendor.ts';
import type { Json } from './check.ts';
import { createPage, updatePage } from './editing.ts';
import { invalid } from './errors.ts';
import type { NotionError } from './errors.ts';
import { idAt } from './ids.ts';
import type { Actor, DataSourceRecord, PageRecord, PropertySchema } from './model.ts';
import { STYLE } from './page-style.ts';
import { plainText } from './rich-text.ts';
import { contentOf, schemaOf, valuesAt } from './values.ts';
import type { Workspace } from './workspace.ts';

const layout = pageIn({
  tool: 'Notion',
  style: STYLE,
  header: html`<a href="/ui"><strong>Growth OS</strong></a> · <a href="/ui?trash=1">Trash</a> · <a href="/ui/settings">Settings</a> · a
    stand-in for Notion, not Notion Labs'`,
});

/** Rows on the table; the rest is found by the search box. */
const MOST_ROWS = 300;
const COLUMNS = ['Kind', 'Owner', 'Status', 'Priority', 'Due', 'Metric'];
/** A text runs at most this long in one item of rich text. Source: request limits. */
const MOST_CHARACTERS = 2_000;

/** Acts as Omar. */
function person(workspace: Workspace): Actor {
  const id = workspace.connections.get('ntn_omar')?.userId;
  if (id === undefined) throw new Error('scenario: expected the user omar');
  return { id, type: 'person' };
}

export function personRoutes(app: Hono<VendorEnv>, workspace: Workspace): void {
  app.get('/ui', (c) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'page: table' });
    return c.html(layout('Growth OS', table(workspace, c.req.query('q') ?? '', c.req.query('trash') === '1')));
  });
  app.get('/ui/settings', (c) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'page: settings' });
    return c.html(layout('Settings', settings(workspace)));
  });
  app.get('/ui/:id', (c) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'page: form' });
    const id = idAt(c.req.param('id'), 'path.page_id');
    if (workspace.databases.has(id)) return c.redirect('/ui');
    return c.html(layout('Page', form(workspace, workspace.page(person(workspace), id))));
  });
  app.post('/ui', async (c) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'page: create', effect: 'create', records: 1 });
    const values = await c.req.formData();
    const source = firstSource(workspace);
    const actor = person(workspace);
    const title = source.schema.find((property) => property.type === 'title');
    const written = valuesAt(workspace, actor, source.schema, { [title?.name ?? '']: { title: items(text(values, 'title')) } }, 'form');
    const parent = { type: 'data_source_id', dataSourceId: source.id } as const;
    const page = workspace.transaction(() => createPage(workspace, actor, parent, written, { icon: null, cover: null }));
    return c.redirect(`/ui/${page.id}`);
  });
  app.post('/ui/:id', async (c) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'page: edit', effect: 'update', records: 1 });
    const page = workspace.page(person(workspace), idAt(c.req.param('id'), 'path.page_id'));
    const values = await c.req.formData();
    const isTrashing = values.get('action') === 'trash';
    if (isTrashing) c.env.trace.effect = 'delete';
    workspace.transaction(() => edit(workspace, page, values));
    return c.redirect(isTrashing ? '/ui' : `/ui/${page.id}`);
  });
}

function edit(workspace: Workspace, page: PageRecord, values: FormData): void {
  const actor = person(workspace);
  const action = values.get('action');
  if (action === 'trash' || action === 'restore') {
    updatePage(workspace, actor, page, { inTrash: action === 'trash' });
    return;
  }
  if (action === 'restrict' || action === 'share') {
    workspace.put('page', { ...page, restricted: action === 'restrict' });
    return;
  }
  const schema = schemaOf(workspace, page);
  const given: Json = {};
  for (const property of schema) {
    const value = text(values, property.id);
    // An untouched box must not flatten rich text.
    if (values.has(property.id) && value !== shown(workspace, page, property))
      given[property.id] = { [property.type]: entered(property, value) };
  }
  if (Object.keys(given).length > 0) updatePage(workspace, actor, page, { written: valuesAt(workspace, actor, schema, given, 'form') });
}

function text(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === 'string' ? value.replaceAll('\r\n', '\n').trim() : '';
}

function items(content: string): unknown[] {
  const parts = content.match(new RegExp(`[^]{1,${MOST_CHARACTERS}}`, 'g')) ?? [];
  return parts.map((part) => ({ text: { content: part } }));
}

const names = (value: string): string[] =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** What a person types, as a request would say it. */
function entered(property: PropertySchema, value: string): unknown {
  switch (property.type) {
    case 'title':
    case 'rich_text':
      return items(value);
    case 'select':
    case 'status':
      return value === '' ? null : { name: value };
    case 'multi_select':
      return names(value).map((name) => ({ name }));
    case 'relation':
    case 'people':
      return names(value).map((id) => ({ id }));
    case 'date':
      return value === '' ? null : { start: value };
    case 'number':
      return value === '' ? null : Number(value);
    case 'checkbox':
      return value === 'yes';
    default:
      return value === '' ? null : value;
  }
}

/** A value as a person reads it, in the form in which it is typed. */
function shown(workspace: Workspace, page: PageRecord, property: PropertySchema): string {
  const content = contentOf(workspace, page, property) as never;
  switch (property.type) {
    case 'title':
    case 'rich_text':
      return plainText(content);
    case 'select':
    case 'status':
      return (content as { name: string } | null)?.name ?? '';
    case 'multi_select':
      return (content as { name: string }[]).map(({ name }) => name).join(', ');
    case 'relation':
    case 'people':
      return (content as { id: string }[]).map(({ id }) => id).join(', ');
    case 'date':
      return (content as { start: string } | null)?.start ?? '';
    case 'checkbox':
      return content === true ? 'yes' : '';
    default:
      return typeof content === 'string' || typeof content === 'number' ? String(content) : '';
  }
}

function firstSource(workspace: Workspace): DataSourceRecord {
  const [source] = workspace.dataSources.values();
  if (source === undefined) throw invalid('page: expected a data source, got none');
  return source;
}

function table(workspace: Workspace, wanted: string, inTrash: boolean): Html {
  const source = firstSource(workspace);
  const columns = source.schema.filter((property) => COLUMNS.includes(property.name));
  const pages = [...(workspace.rows.get(source.id) ?? [])]
    .map((id) => workspace.pages.get(id))
    .filter((page): page is PageRecord => page !== undefined && page.inTrash === inTrash)
    .filter((page) => workspace.titleOf(page).toLowerCase().includes(wanted.toLowerCase()));
  return html`<form method="post" action="/ui">
      <input name="title" placeholder="A new page" required size="40" /> <button>Create</button>
    </form>
    <form method="get" action="/ui"><input name="q" value="${wanted}" placeholder="Find by name" size="40" /> <button>Find</button></form>
    <p class="quiet">${pages.length} pages${pages.length > MOST_ROWS ? `, the first ${MOST_ROWS} shown` : ''}</p>
    <table>
      <thead>
        <tr>
          <th>Name</th>
          ${columns.map((column) => html`<th>${column.name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${pages.slice(0, MOST_ROWS).map(
          (page) =>
            html`<tr>
              <td><a href="/ui/${page.id}">${workspace.titleOf(page) || 'Untitled'}</a></td>
              ${columns.map((column) => html`<td>${shown(workspace, page, column)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>`;
}

function field(workspace: Workspace, page: PageRecord, property: PropertySchema): Html {
  const value = shown(workspace, page, property);
  if (property.type === 'select' || property.type === 'status') {
    const options = property.options ?? [];
    return html`<select name="${property.id}">
      ${property.type === 'select' ? html`<option value=""></option>` : ''}
      ${options.map(({ name }) => html`<option value="${name}" ${name === value ? 'selected' : ''}>${name}</option>`)}
    </select>`;
  }
  if (property.type === 'rich_text') return html`<textarea name="${property.id}" rows="2">${value}</textarea>`;
  const isEditable = !['unique_id', 'created_time', 'last_edited_time', 'created_by', 'last_edited_by', 'files'].includes(property.type);
  return isEditable ? html`<input name="${property.id}" value="${value}" />` : html`<span class="quiet">${value}</span>`;
}

function form(workspace: Workspace, page: PageRecord): Html {
  const button = (action: string, label: string): Html => html`<button name="action" value="${action}">${label}</button>`;
  return html`<form class="edit" method="post">
    ${page.inTrash ? html`<p class="error">This page is in the trash.</p>` : ''}
    ${schemaOf(workspace, page).map((property) => html`<label>${property.name} ${field(workspace, page, property)}</label>`)}
    <div>
      ${page.inTrash ? button('restore', 'Restore') : html`${button('save', 'Save')} ${button('trash', 'Move to trash')}`}
      ${page.restricted ? button('share', 'Share with connections') : button('restrict', 'Hide from connections')}
    </div>
  </form>`;
}

function settings(workspace: Workspace): Html {
  const active = [...workspace.subscriptions.values()].filter(({ isActive }) => isActive);
  return html`<h2>Webhooks</h2>
    <form method="post" action="/ui/webhooks">
      <input name="url" placeholder="https://…" required size="60" /> <button>Subscribe</button>
    </form>
    ${active.map(({ id, url }) => html`<form method="post" action="/ui/webhooks/${id}/delete">${url} <button>Delete</button></form>`)}
    <h2>Connections</h2>
    <ul>
      ${[...workspace.connections.values()].map(
        ({ account, capabilities, isRevoked }) => html`<li>${account}: ${isRevoked ? 'revoked' : capabilities.join(', ')}</li>`,
      )}
    </ul>`;
}

/** A refusal, on the page as a sentence. */
export function pageError(error: NotionError): Html {
  return layout(
    'Refused',
    html`<p class="error">${error.message}</p>
      <p><a href="/ui">Back to the table</a></p>`,
  );
}
