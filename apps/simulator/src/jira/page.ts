/** The page for people: a board by status, and a form for each issue. What is done here is done by a person, with webhooks like anybody's. */
import type { Hono } from 'hono';
import { html } from 'hono/html';
import { pageIn } from '../kernel/page.ts';
import type { Html } from '../kernel/page.ts';
import type { VendorEnv } from '../kernel/vendor.ts';
import { documentOf, plainText } from './adf.ts';
import { writtenValues } from './editing.ts';
import type { JiraError } from './errors.ts';
import { allowed, createIssue, transitionIssue, transitionOf } from './issue-routes.ts';
import type { Issue, User } from './model.ts';
import { FIELDS, ISSUE_TYPES, PRIORITIES, PROJECT, USERS } from './scenario.ts';
import type { Site } from './site.ts';

const STYLE = `body{font:14px/1.45 system-ui,sans-serif;margin:0;background:#f4f5f7;color:#172b4d}header{background:#0747a6;color:#fff;padding:12px 20px}
header a{color:#fff}main{padding:16px 20px}.board{display:grid;grid-template-columns:repeat(5,minmax(180px,1fr));gap:12px;align-items:start}.column{background:#ebecf0;border-radius:6px;padding:8px}
h2{font-size:12px;text-transform:uppercase;color:#5e6c84;margin:4px}.card{display:block;background:#fff;border-radius:4px;padding:8px;margin:8px 0;box-shadow:0 1px 1px #091e4240;text-decoration:none;color:inherit}
.key{color:#5e6c84;font-size:12px}form.edit{background:#fff;padding:16px;border-radius:6px;max-width:760px;display:grid;gap:10px}label{display:grid;gap:3px;font-weight:600}input,textarea,select{font:inherit;padding:6px;border:1px solid #dfe1e6;border-radius:4px}
button{font:inherit;padding:6px 12px;border:0;border-radius:4px;background:#0052cc;color:#fff;cursor:pointer}.error{background:#ffebe6;padding:10px;border-radius:4px}`;

const layout = pageIn({
  tool: 'Jira',
  style: STYLE,
  header: html`<a href="/ui"><strong>${PROJECT.name}</strong></a> · a stand-in for Jira Cloud, not Atlassian's`,
});

const EDITABLE = FIELDS.filter(
  (field) => ['string', 'textarea', 'date', 'labels'].includes(field.kind) && field.isEditable && field.id !== 'environment',
);

/** Acts as Maria. */
const person = (): User => {
  const maria = USERS.find((user) => user.account === 'maria');
  if (maria === undefined) throw new Error('scenario: expected the user maria');
  return maria;
};

export function pageRoutes(app: Hono<VendorEnv>, site: Site): void {
  app.get('/ui', (c) => {
    c.env.trace.account = 'person';
    return c.html(layout('Board', board(site)));
  });
  app.get('/ui/:key', (c) => {
    c.env.trace.account = 'person';
    return c.html(layout(c.req.param('key'), form(site, site.issue(person(), c.req.param('key')))));
  });
  app.post('/ui', async (c) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'page: create', effect: 'create', records: 1 });
    const values = await c.req.formData();
    const issue = createIssue(site, person(), {
      fields: { project: { key: PROJECT.key }, issuetype: { id: text(values, 'issuetype') }, summary: text(values, 'summary') },
    });
    return c.redirect(`/ui/${issue.key}`);
  });
  app.post('/ui/:key', async (c) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'page: edit', effect: 'update', records: 1 });
    const issue = site.issue(person(), c.req.param('key'));
    const values = await c.req.formData();
    if (values.get('action') === 'delete') {
      Object.assign(c.env.trace, { operation: 'page: delete', effect: 'delete' });
      site.delete(person(), issue);
      return c.redirect('/ui');
    }
    site.transaction(() => edit(site, issue, values));
    return c.redirect(`/ui/${issue.key}`);
  });
}

/** What was typed into a box of a form; files are no text. */
function text(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === 'string' ? value : '';
}

function edit(site: Site, issue: Issue, values: FormData): void {
  const fields: Record<string, unknown> = { priority: { id: text(values, 'priority') } };
  for (const field of EDITABLE) {
    const typed = text(values, field.id).replaceAll('\r\n', '\n');
    if (field.kind === 'textarea') {
      // An untouched box must not flatten a rich document.
      if (typed !== plainText(issue.values[field.id])) fields[field.id] = documentOf(typed);
    } else if (field.kind === 'labels') fields[field.id] = typed.split(/\s+/).filter((label) => label !== '');
    else fields[field.id] = typed === '' && field.id !== 'summary' ? null : typed;
  }
  // Both are checked before either is done: a refused form leaves no trace.
  const written = writtenValues(site, issue, { fields });
  const transition = text(values, 'transition') === '' ? null : transitionOf(site, issue, text(values, 'transition'));
  site.change(person(), issue, written);
  if (transition !== null) transitionIssue(site, person(), issue, transition);
}

function board(site: Site): Html {
  const byStatus = Map.groupBy(site.issues.values(), (issue) => String(issue.values['status']));
  return html`<form method="post" action="/ui">
      <input name="summary" placeholder="A new issue" required size="40" />
      <select name="issuetype">
        ${ISSUE_TYPES.filter((type) => !type.subtask).map((type) => html`<option value="${type.id}" ${type.name === 'Task' ? 'selected' : ''}>${type.name}</option>`)}
      </select>
      <button>Create</button>
    </form>
    <div class="board">
      ${site.workflow.statuses.map(
        (status) =>
          html`<section class="column">
            <h2>${status.name} ${byStatus.get(status.id)?.length ?? 0}</h2>
            ${(byStatus.get(status.id) ?? []).map(card)}
          </section>`,
      )}
    </div>`;
}

function card(issue: Issue): Html {
  const type = ISSUE_TYPES.find((candidate) => candidate.id === issue.values['issuetype']);
  return html`<a class="card" href="/ui/${issue.key}"
    >${String(issue.values['summary'])}<br /><span class="key"
      >${type?.name} · ${issue.key} · ${String(issue.values['customfield_10201'] ?? '')}</span
    ></a
  >`;
}

function form(site: Site, issue: Issue): Html {
  const parent = typeof issue.values['parent'] === 'string' ? site.issues.get(issue.values['parent']) : undefined;
  const box = (id: string, name: string, isLong: boolean): Html => {
    const value = issue.values[id];
    const shown = isLong ? plainText(value) : Array.isArray(value) ? value.join(' ') : String(value ?? '');
    return html`<label
      >${name} ${isLong ? html`<textarea name="${id}" rows="3">${shown}</textarea>` : html`<input name="${id}" value="${shown}" />`}</label
    >`;
  };
  return html`<form class="edit" method="post">
    <div class="key">
      ${issue.key}${parent === undefined ? '' : html` under <a href="/ui/${parent.key}">${String(parent.values['summary'])}</a>`}
    </div>
    ${EDITABLE.map((field) => box(field.id, field.name, field.kind === 'textarea'))}
    <label
      >Priority
      <select name="priority">
        ${PRIORITIES.map((priority) => html`<option value="${priority.id}" ${priority.id === issue.values['priority'] ? 'selected' : ''}>${priority.name}</option>`)}
      </select></label
    >
    <label
      >Status: ${site.workflow.statuses.find((status) => status.id === issue.values['status'])?.name}
      <select name="transition">
        <option value="">stays</option>
        ${allowed(site, issue).map((transition) => html`<option value="${transition.id}">${transition.name}</option>`)}
      </select></label
    >
    <div><button name="action" value="save">Save</button> <button name="action" value="delete">Delete</button></div>
  </form>`;
}

/** A refusal, on the page as a sentence. */
export function pageError(error: JiraError): Html {
  return layout(
    'Refused',
    html`<p class="error">${error.message}</p>
      <p><a href="/ui">Back to the board</a></p>`,
  );
}
