/**
 * Mail as a channel for notices, over SMTP with nodemailer. What was sent stays as it is, and nobody can look whether it arrived; a message that is sent
 * again has the same Message-ID, by which mail programs and many servers drop it.
 */
import { createTransport } from 'nodemailer';
import type { Messenger } from '@lockstep/domain/routing/messenger.port.ts';
import { mailFailure } from './errors.ts';
import { letterOf } from './letter.ts';

export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** `implicit`: TLS from the first byte (465). `starttls`: required, never optional. `none`: for a server on this machine only, which is checked. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  /** Null: the server asks for none. */
  readonly login: { readonly user: string; readonly password: string } | null;
}

export interface MailMessengerOptions {
  readonly server: MailServer;
  readonly from: { readonly name: string; readonly address: string };
  /** For each step of a sending. */
  readonly requestTimeoutMs: number;
  readonly clock: () => Date;
}

/** A server that never spoke is told from one that fell silent: the wait for its greeting ends first. */
const SILENCE_GRACE_MS = 1_000;
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** A messenger by mail. Throws where the server is to be reached in clear and is not on this machine. */
export function createMailMessenger({ server, from, requestTimeoutMs, clock }: MailMessengerOptions): Messenger {
  if (server.tls === 'none' && !LOOPBACK.has(server.host))
    throw new Error(`mail server: expected TLS, got none for ${server.host}; set tls to starttls or implicit`);
  const domain = from.address.split('@').at(-1) ?? '';
  if (!/^[a-z0-9.-]+$/i.test(domain)) throw new Error('mail from: expected an address with a domain, got another');
  const transport = createTransport({
    host: server.host,
    port: server.port,
    secure: server.tls === 'implicit',
    requireTLS: server.tls === 'starttls',
    ignoreTLS: server.tls === 'none',
    ...(server.login === null ? {} : { auth: { user: server.login.user, pass: server.login.password } }),
    connectionTimeout: requestTimeoutMs,
    greetingTimeout: requestTimeoutMs,
    socketTimeout: requestTimeoutMs + SILENCE_GRACE_MS,
    dnsTimeout: requestTimeoutMs,
    // A message is made of texts of ours: it never loads a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  });
  return {
    channel: 'mail',
    find: null,
    update: null,
    post: async ({ key, reader, notice }) => {
      const { to, messageId, ...content } = letterOf(key, reader, notice, domain);
      const message = {
        ...content,
        messageId,
        from: { name: from.name, address: from.address },
        to: { name: '', address: to },
        date: clock(),
        // RFC 3834: no holiday notes in return.
        headers: { 'Auto-Submitted': 'auto-generated' },
      };
      try {
        await transport.sendMail(message);
      } catch (error) {
        throw mailFailure(error);
      }
      return { channel: 'mail', conversation: to, message: messageId, wasThere: false };
    },
  };
}
