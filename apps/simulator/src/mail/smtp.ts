/**
 * A mail server on the loopback: takes mail of one account for anybody, without TLS, and keeps it. Each step asks the kernel's faults and is written to the
 * request log, so that a test refuses a recipient, puts a sender off or drops the line as it would at any other tool.
 */
import type { AddressInfo, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerSession } from 'smtp-server';
import type { Clock } from '../kernel/clock.ts';
import type { ActiveFault, Faults } from '../kernel/faults.ts';
import type { RequestLog } from '../kernel/request-log.ts';
import type { Effect } from '../kernel/vendor.ts';
import type { Mailbox } from './mailbox.ts';
import { parsedMail } from './mime.ts';

export const MAIL_ACCOUNT = { user: 'lockstep', password: 'mail-password-lockstep' } as const;
/** Of this domain only these have a mailbox; mail for other domains is taken as it comes. */
const OWN_DOMAIN = 'growth.example';
const OWN_PEOPLE = new Set(['maria', 'omar', 'lena', 'tom', 'priya', 'lockstep']);

export interface SmtpParts {
  readonly faults: Faults;
  readonly log: Pick<RequestLog, 'record'>;
  readonly clock: Clock;
  /** Looked up for each mail: a reset puts another in place. */
  readonly mailbox: () => Mailbox;
}

export interface Smtp {
  /** `smtp://127.0.0.1:2525` */
  readonly url: string;
  close(): Promise<void>;
}

/** A step of the protocol, as faults match it (`match.method`) and the log names it. */
type Step = 'CONNECT' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA';

/** Serves on the port (0: a free one). */
export async function startSmtp(parts: SmtpParts, port = 0): Promise<Smtp> {
  const sockets = new Map<number, Socket>();
  let isClosed = false;
  // A step that was kept back may end after the server has, and its log with it.
  const record: RequestLog['record'] = (entry) => (isClosed ? undefined : parts.log.record(entry));
  const steps = createSteps({ ...parts, log: { record } }, sockets);
  const server = new SMTPServer({
    name: 'mail.growth.example',
    authMethods: ['PLAIN', 'LOGIN'],
    allowInsecureAuth: true,
    hideSTARTTLS: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 0,
    onConnect: (session, done) => void steps.run('CONNECT', session, session.remoteAddress, done),
    onAuth: ({ username = '', password = '' }, session, done) => {
      const refused =
        username === MAIL_ACCOUNT.user && password === MAIL_ACCOUNT.password ? null : refusal(535, 'Authentication credentials invalid');
      void steps.run('AUTH', session, username, (error) => (error ? done(error) : done(null, { user: username })), refused);
    },
    onMailFrom: ({ address }, session, done) => void steps.run('MAIL', session, address, done),
    onRcptTo: ({ address }, session, done) => void steps.run('RCPT', session, address, done, unknownMailbox(address)),
    onData: (stream, session, done) => void steps.take(stream, session, done),
  });
  // What a client breaks off is no failure of ours.
  server.on('error', () => undefined);
  server.server.on('connection', (socket: Socket) => {
    const { remotePort = 0 } = socket;
    sockets.set(remotePort, socket);
    socket.once('close', () => sockets.delete(remotePort));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        isClosed = true;
        for (const socket of sockets.values()) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

type Done = (error?: Error | null) => void;

interface Steps {
  /** A step that only says yes or no. */
  run(step: Step, session: SMTPServerSession, path: string, done: Done, refused?: SmtpRefusal | null): Promise<void>;
  /** The message itself. */
  take(stream: Readable, session: SMTPServerSession, done: Done): Promise<void>;
}

function createSteps(parts: SmtpParts, sockets: ReadonlyMap<number, Socket>): Steps {
  const drop = ({ remotePort }: SMTPServerSession): void => void sockets.get(remotePort)?.destroy();
  return {
    async run(step, session, path, done, refused = null) {
      const { active, end } = begin(parts, step, session, path);
      const kind = active?.fault.action.kind;
      await keptBack(active, parts.faults);
      if (kind === 'lose-request' || kind === 'lose-answer' || kind === 'cut') {
        end(0);
        drop(session);
        return;
      }
      const failure = refusalOf(active) ?? refused;
      end(failure?.responseCode ?? 250);
      done(failure);
    },
    async take(stream, session, done) {
      const to = session.envelope.rcptTo.map(({ address }) => address);
      const { active, end } = begin(parts, 'DATA', session, to.join(','));
      const kind = active?.fault.action.kind;
      if (kind === 'cut' || kind === 'lose-request') {
        // In the middle of it: nothing is kept.
        stream.once('data', () => drop(session));
        stream.resume();
        end(0);
        return;
      }
      const raw = await textOf(stream).catch(() => null);
      if (raw === null) return end(0);
      const failure = refusalOf(active);
      if (failure === null) keep(parts.mailbox(), session, to, raw);
      end(failure?.responseCode ?? (kind === 'lose-answer' ? 0 : 250), failure === null ? 'create' : 'none');
      await keptBack(active, parts.faults);
      if (kind === 'lose-answer') drop(session);
      else done(failure);
    },
  };
}

interface Begun {
  readonly active: ActiveFault | null;
  /** Writes the step to the request log; 0: the line was dropped. */
  readonly end: (status: number, effect?: Effect) => void;
}

function begin({ faults, log, clock }: SmtpParts, step: Step, session: SMTPServerSession, path: string): Begun {
  const startedMs = performance.now();
  const account = typeof session.user === 'string' ? session.user : null;
  const active = faults.take({ tool: 'mail', method: step, path, authorization: account ?? '' });
  const end: Begun['end'] = (status, effect = 'none') =>
    log.record({
      ...{ tool: 'mail', at: new Date(clock.nowMs()).toISOString(), method: step, path, operation: step.toLowerCase() },
      ...{ account, status, effect, records: effect === 'create' ? 1 : 0 },
      ...{ durationMs: performance.now() - startedMs, fault: active?.fault.action.kind ?? null },
    });
  return { active, end };
}

function keep(mailbox: Mailbox, { envelope }: SMTPServerSession, to: readonly string[], raw: string): void {
  const { headers, text, html } = parsedMail(raw);
  const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
  mailbox.add({ from, to, messageId: headers['message-id'] ?? '', subject: headers['subject'] ?? '', headers, text, html });
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
}

/** Keeps an answer back for as long as the fault says. */
async function keptBack(active: ActiveFault | null, faults: Faults): Promise<void> {
  const action = active?.fault.action;
  if (action?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, action.ms));
  if (action?.kind === 'hold' && active !== null) await faults.hold(active);
}

interface SmtpRefusal extends Error {
  readonly responseCode: number;
}

function refusal(code: number, words: string): SmtpRefusal {
  return Object.assign(new Error(words), { responseCode: code });
}

function unknownMailbox(address: string): SmtpRefusal | null {
  const [local = '', domain = ''] = address.toLowerCase().split('@', 2);
  return domain === OWN_DOMAIN && !OWN_PEOPLE.has(local) ? refusal(550, '5.1.1 No such user here') : null;
}

/** What the fault answers: any reply; "too many" is 451, so that a sender comes again (greylisting); credentials that do not count are 535. */
function refusalOf(active: ActiveFault | null): SmtpRefusal | null {
  const action = active?.fault.action;
  switch (action?.kind) {
    case 'answer':
      return refusal(action.status, typeof action.body === 'string' ? action.body : 'Refused by the simulator');
    case 'throttle':
      return refusal(
        action.status === 429 ? 451 : 421,
        action.status === 429 ? '4.7.1 Greylisted, try again later' : '4.3.2 Service not available',
      );
    case 'unauthorized':
      return refusal(535, '5.7.8 Authentication credentials invalid');
    default:
      return null;
  }
}
