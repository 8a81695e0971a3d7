/**
 * Waiting for a connection: until it is in step, until it will not get there without a person, or until time is up.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ConnectionStatus, Status } from '@lockstep/api/schemas.ts';
import { waitsForPerson } from './commands/status.ts';
import { visible } from './output.ts';
import type { Session } from './session.ts';

export const DEFAULT_TIMEOUT_SECONDS = 300;

/** How often the worker is asked while we wait. */
const POLL_MS = 400;

export interface Waiting {
  /** All connections where none are named. */
  readonly connections: readonly string[];
  /** The status before the command: a read that is newer proves that a pass has been made. */
  readonly before: Status;
  readonly timeoutMs: number;
  /** Which read must be newer than `before`. */
  readonly afterRead: 'none' | 'changes' | 'full';
  /** `read`: it is enough that everything has been read; what is owed then does not count. */
  readonly until?: 'in-step' | 'read';
}

export interface Waited {
  readonly inStep: boolean;
  /** Why not, per connection. */
  readonly reasons: readonly string[];
  readonly status: Status;
  readonly text: string;
}

/** Asks the worker again and again. Never throws for lack of time; the outcome says so. */
export async function awaitInStep(session: Session, waiting: Waiting): Promise<Waited> {
  const api = session.api();
  const start = performance.now();
  let said = '';
  for (;;) {
    const status = await api.status();
    const chosen = status.connections.filter((connection) => isChosen(connection, waiting));
    const open = chosen.filter((connection) => !isSettled(connection, waiting));
    if (open.length === 0) return { inStep: true, reasons: [], status, text: 'In step.' };
    const blocked = open.filter((connection) => isBlocked(connection, waiting));
    const outOfTime = performance.now() - start >= waiting.timeoutMs;
    if (outOfTime || blocked.length === open.length) {
      const reasons = open.flatMap((one) => (blocked.includes(one) ? waitsForPerson(one) : [stillMoving(one)]));
      return { inStep: false, reasons, status, text: ['Not in step:', ...reasons.map((reason) => `- ${visible(reason)}`)].join('\n') };
    }
    const progress = open.map((one) => `${one.connectionId} ${one.owed + one.sending + one.dirty}`).join(', ');
    if (progress !== said) session.output.note(`waiting: ${progress}`);
    said = progress;
    await pause(POLL_MS);
  }
}

function isChosen(connection: ConnectionStatus, waiting: Waiting): boolean {
  return waiting.connections.length === 0 || waiting.connections.includes(connection.connectionId);
}

function isSettled(connection: ConnectionStatus, waiting: Waiting): boolean {
  if (waiting.until === 'read') return wasRead(connection, waiting) && connection.dirty === 0;
  const moving = connection.owed + connection.sending + connection.dirty + connection.parked;
  return (
    wasRead(connection, waiting) &&
    moving === 0 &&
    connection.breaker === null &&
    connection.gate !== 'paused' &&
    connection.lastPulledAt !== null
  );
}

function wasRead(connection: ConnectionStatus, waiting: Waiting): boolean {
  if (waiting.afterRead === 'none') return true;
  const before = waiting.before.connections.find((one) => one.connectionId === connection.connectionId);
  return waiting.afterRead === 'full'
    ? connection.lastFullScanAt !== (before?.lastFullScanAt ?? null)
    : connection.lastPulledAt !== (before?.lastPulledAt ?? null);
}

/** True where only a person can bring it on: nothing is under way, and what is owed waits for a yes. */
function isBlocked(connection: ConnectionStatus, waiting: Waiting): boolean {
  if (connection.gate === 'paused' || connection.breaker?.cause === 'auth') return true;
  if (waiting.until === 'read' || waitsForPerson(connection).length === 0) return false;
  const going = connection.sending + connection.dirty + (connection.gate === 'open' ? connection.owed : 0);
  return wasRead(connection, waiting) && going === 0;
}

function stillMoving(connection: ConnectionStatus): string {
  return `${connection.connectionId}: time is up with ${connection.owed} owed, ${connection.sending} under way, ${connection.dirty} to be read again; it goes on, \`lockstep status\` shows how far`;
}
