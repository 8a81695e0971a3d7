/** What the worker asks of traces (docs/decisions/0022). Who sends them (otlp-traces.ts) is loaded only where the configuration names a receiver. */
import type { Attributes } from '@opentelemetry/api';
import type { SentRequest } from '@lockstep/domain/sync/account-watch.port.ts';

export interface Work<T> {
  readonly name: string;
  /** What was left to be done; its traces are gone on with. Null: nothing is known of it. */
  readonly subject: string | null;
  readonly attributes: Attributes;
  /** Whether its notes are done with after such an answer; left out: they stay until they are a day old. */
  readonly settles?: (answer: T) => boolean;
}

export interface Traces {
  /** Runs the work in a span: a child of the newest trace in which it was left, with links to others. */
  doing<T>(work: Work<T>, run: () => Promise<T>): Promise<T>;
  /** Notes that something is left to be done in the trace that runs now. Never rejects. */
  leave(subject: string): Promise<void>;
  /** A request leaves for a vendor: what is returned is told its status. */
  sending(connectionId: string, request: SentRequest): (status: number | null) => void;
  /** Sends what has not been sent yet. */
  close(): Promise<void>;
}

/** Where nothing is traced. */
export const NO_TRACES: Traces = {
  doing: (_work, run) => run(),
  leave: async () => undefined,
  sending: () => () => undefined,
  close: async () => undefined,
};
