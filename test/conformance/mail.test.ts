/** The mail messenger against the simulated mail server: what arrives, what a refusal means, one letter for a key in a mail program. */
import { createMailMessenger } from '@lockstep/connectors/mail/messenger.ts';
import { NOTICE, READER } from '@lockstep/connectors/slack/notice.fixture.ts';
import type { Messenger } from '@lockstep/domain/routing/messenger.port.ts';
import { startSimulator } from '@lockstep/simulator/server.ts';
import { expect, onTestFinished, test } from 'vitest';
import { codeOf, outgoing } from './slack-account.ts';

interface Mail {
  readonly to: readonly string[];
  readonly from: string;
  readonly subject: string;
  readonly messageId: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly isRepeat: boolean;
}

interface Account {
  readonly messenger: Messenger;
  readonly another: (more: object) => Messenger;
  readonly mails: () => Promise<readonly Mail[]>;
  readonly fault: (method: string, action: object, more?: object) => Promise<void>;
  readonly urls: Readonly<Record<string, string>>;
  readonly logged: () => Promise<readonly { readonly method: string; readonly status: number; readonly path: string }[]>;
}

async function mailAccount(): Promise<Account> {
  const simulator = await startSimulator({ databaseFile: ':memory:', rateLimits: 'off' });
  onTestFinished(() => simulator.close());
  const { port } = new URL(simulator.urls.smtp);
  const server = {
    host: '127.0.0.1',
    port: Number(port),
    tls: 'none',
    login: { user: 'lockstep', password: 'mail-password-lockstep' },
  } as const;
  const another = (more: object): Messenger =>
    createMailMessenger({
      server: { ...server, ...more },
      from: { name: 'Lockstep', address: 'lockstep@growth.example' },
      requestTimeoutMs: 500,
      clock: () => new Date('2026-10-26T11:00:00Z'),
    });
  const json = async <T>(url: string): Promise<T> => (await (await fetch(url)).json()) as T;
  return {
    messenger: another({}),
    another,
    urls: simulator.urls,
    mails: async () => (await json<{ mails: readonly Mail[] }>(`${simulator.urls.mail}/mails`)).mails,
    fault: async (method, action, more = {}) => {
      const body = JSON.stringify({ tool: 'mail', match: { method }, action, ...more });
      const answer = await fetch(`${simulator.urls.admin}/_simulator/faults`, { method: 'POST', body });
      if (!answer.ok) throw new Error(await answer.text());
    },
    logged: async () =>
      (await json<{ requests: Awaited<ReturnType<Account['logged']>> }>(`${simulator.urls.admin}/_simulator/requests?tool=mail`)).requests,
  };
}

test('a letter arrives with both parts, its Message-ID and a header against automatic answers; it is on the page and in the log', async () => {
  const { messenger, mails, urls, logged } = await mailAccount();
  const title = 'Grüße aus Köln: Northwind & Söhne hat die Schwelle überschritten 🎉';
  const receipt = await messenger.post(outgoing('pql-1/assigned', { notice: { ...NOTICE, title } }));
  const [mail] = await mails();
  expect(mail).toMatchObject({ to: ['lena@growth.example'], from: 'lockstep@growth.example', subject: title, messageId: receipt.message });
  expect(mail?.text).toContain('- 3 teammates invited in 2 days');
  expect(mail?.html).toContain('<a href="https://crm.example/accounts/42?tab=pql&amp;from=slack">Open in the CRM</a>');
  expect(mail?.headers).toMatchObject({
    'auto-submitted': 'auto-generated',
    from: 'Lockstep <lockstep@growth.example>',
    date: 'Mon, 26 Oct 2026 11:00:00 +0000',
  });
  expect(receipt).toEqual({ channel: 'mail', conversation: 'lena@growth.example', message: mail?.messageId, wasThere: false });
  const page = await (await fetch(`${urls['mail'] ?? ''}/ui/00000001`)).text();
  expect(page).toContain('Northwind &amp; Söhne');
  expect((await logged()).filter(({ path }) => !path.startsWith('/')).map(({ method }) => method)).toEqual([
    'CONNECT',
    'AUTH',
    'MAIL',
    'RCPT',
    'DATA',
  ]);
});

test('no text of others becomes a header, whatever line breaks it has', async () => {
  const { messenger, mails } = await mailAccount();
  const hostile = 'Hi\r\nBcc: tom@growth.example\r\nX-Evil: 1\r\n\r\n.\r\nQUIT';
  await messenger.post(outgoing('pql-1/assigned', { notice: { ...NOTICE, title: hostile, why: [hostile, '.', '..'] } }));
  const [mail, ...others] = await mails();
  expect(others).toEqual([]);
  expect(mail?.to).toEqual(['lena@growth.example']);
  expect(Object.keys(mail?.headers ?? {}).toSorted()).toEqual(
    ['auto-submitted', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to'].toSorted(),
  );
  expect(mail?.subject).toBe('Hi Bcc: tom@growth.example X-Evil: 1 . QUIT');
});

test.each<[string, string, object, string]>([
  ['550 for a recipient', 'RCPT', { kind: 'answer', status: 550 }, 'NotFound'],
  ['554 for a recipient', 'RCPT', { kind: 'answer', status: 554 }, 'Forbidden'],
  ['451, greylisted', 'RCPT', { kind: 'throttle' }, 'Transient'],
  ['421, overloaded', 'MAIL', { kind: 'throttle', status: 503 }, 'Transient'],
  ['554 for a message', 'DATA', { kind: 'answer', status: 554 }, 'Invalid'],
  ['credentials refused', 'AUTH', { kind: 'unauthorized', cause: 'revoked' }, 'AuthRevoked'],
  ['the line drops in the middle of the message', 'DATA', { kind: 'cut' }, 'OutcomeUnknown'],
])('R8 %s is %s: %j', async (_, method, action, code) => {
  const { messenger, mails, fault } = await mailAccount();
  await fault(method, action);
  expect(await codeOf(messenger.post(outgoing('pql-1/assigned')))).toBe(code);
  expect(await mails()).toEqual([]);
  expect(await codeOf(messenger.post(outgoing('pql-1/assigned')))).toBe('delivered');
});

test('R8 a mailbox that is not there, wrong credentials, a server that is not there', async () => {
  const { messenger, another } = await mailAccount();
  expect(await codeOf(messenger.post(outgoing('k', { reader: { ...READER, email: 'jonas@growth.example' } })))).toBe('NotFound');
  expect(await codeOf(another({ login: { user: 'lockstep', password: 'wrong' } }).post(outgoing('k')))).toBe('AuthRevoked');
  expect(await codeOf(another({ login: null }).post(outgoing('k')))).toBe('AuthRevoked');
  expect(await codeOf(another({ port: 9 }).post(outgoing('k')))).toBe('Transient');
});

test('C5 the answer is lost after the letter was taken: sent again it has the same Message-ID, so that a mail program shows one', async () => {
  const { messenger, mails, fault } = await mailAccount();
  await fault('DATA', { kind: 'lose-answer' });
  expect(await codeOf(messenger.post(outgoing('pql-1/assigned')))).toBe('OutcomeUnknown');
  expect(await codeOf(messenger.post(outgoing('pql-1/assigned', { triedSinceIso: '2026-10-26T11:00:00Z' })))).toBe('delivered');
  await messenger.post(outgoing('pql-2/assigned'));
  const taken = await mails();
  expect(taken.map(({ isRepeat }) => isRepeat)).toEqual([false, true, false]);
  expect(new Set(taken.map(({ messageId }) => messageId)).size).toBe(2);
});

test('24 a server that does not answer is given up after the time-out, not after the library’s own minutes', async () => {
  const { messenger, fault } = await mailAccount();
  await fault('CONNECT', { kind: 'delay', ms: 3_000 });
  const startedMs = performance.now();
  expect(await codeOf(messenger.post(outgoing('pql-1/assigned')))).toBe('Transient');
  expect(performance.now() - startedMs).toBeLessThan(2_500);
});

test('mail in clear text leaves this machine never; a sender without a domain is refused', async () => {
  const { another } = await mailAccount();
  expect(() => another({ host: 'mail.example' })).toThrow('expected TLS, got none for mail.example');
  expect(() => another({ host: 'mail.example', tls: 'starttls' })).not.toThrow();
  // The simulator has no TLS: where it is required, nothing is sent in clear.
  expect(await codeOf(another({ tls: 'starttls' }).post(outgoing('k')))).toBe('Forbidden');
});
