/** The page of the mail server: what has been delivered, for people and, as JSON, for tests. The mail itself comes by SMTP (`smtp.ts`). */
import { Hono } from 'hono';
import { html } from 'hono/html';
import { pageIn } from '../kernel/page.ts';
import type { Html } from '../kernel/page.ts';
import type { Vendor, VendorContext, VendorEnv } from '../kernel/vendor.ts';
import { createMailbox } from './mailbox.ts';
import type { Mailbox, MailRecord } from './mailbox.ts';

export interface MailVendor extends Vendor {
  readonly mailbox: Mailbox;
}

const STYLE = `body{font:15px/1.45 system-ui,sans-serif;margin:0;color:#222}header{background:#f2f2f2;padding:12px 20px;border-bottom:1px solid #ddd}
main{padding:16px 20px;max-width:820px}table{border-collapse:collapse;width:100%}td{padding:6px 8px;border-bottom:1px solid #eee}pre{white-space:pre-wrap;font:inherit}.quiet{color:#777}`;

const layout = pageIn({ tool: 'Mail', style: STYLE, header: html`<a href="/ui">Mail</a> · what the simulator's mail server has taken` });

export function createMail(context: VendorContext): MailVendor {
  const mailbox = createMailbox(context.documents, context.clock);
  const app = new Hono<VendorEnv>();
  app.use('*', async (c, next) => {
    c.env.trace.account = 'person';
    await next();
  });
  app.notFound((c) => c.json({ error: 'not found' }, 404));
  app.get('/mails', (c) => c.json({ mails: mailbox.list() }));
  app.get('/ui', (c) => c.html(layout('Mail', list(mailbox.list()))));
  app.get('/ui/:id', (c) => {
    const mail = mailbox.list().find(({ id }) => id === c.req.param('id'));
    return mail === undefined ? c.notFound() : c.html(layout(mail.subject, letter(mail)));
  });
  return { tool: 'mail', app, mailbox };
}

function list(mails: readonly MailRecord[]): Html {
  if (mails.length === 0) return html`<p class="quiet">No mail</p>`;
  return html`<table>
    ${mails.toReversed().map(
      ({ id, atMs, to, subject, isRepeat }) =>
        html`<tr>
          <td class="quiet">${new Date(atMs).toISOString()}</td>
          <td>${to.join(', ')}</td>
          <td>
            <a href="/ui/${id}">${subject === '' ? '(no subject)' : subject}</a
            >${isRepeat ? html` <span class="quiet">the same again</span>` : ''}
          </td>
        </tr>`,
    )}
  </table>`;
}

/** The plain text; the HTML part as its source, so that nothing of it runs here. */
function letter({ from, to, subject, messageId, text, html: source }: MailRecord): Html {
  return html`<h2>${subject}</h2>
    <p class="quiet">${from} to ${to.join(', ')}<br />${messageId}</p>
    <pre>${text ?? ''}</pre>
    <details>
      <summary>HTML</summary>
      <pre>${source ?? ''}</pre>
    </details>`;
}
