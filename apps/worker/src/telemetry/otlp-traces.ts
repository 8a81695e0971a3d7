/**
 * Traces from an event to the vendor write (docs/decisions/0022): spans are sent by OTLP over HTTP where the configuration names a receiver, and cost nothing else.
 * Whoever leaves something to be done notes the trace in the store; whoever does it goes on with it. Attributes are from this file: ids of the configuration, counts,
 * routes and codes, never a body, an item, a record or a person.
 */
import { context, isSpanContextValid, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import type { Attributes, Context, SpanContext, Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { SentRequest } from '@lockstep/domain/sync/account-watch.port.ts';
import type { TraceNotes } from '@lockstep/store/traces.ts';
import type { Logger } from 'pino';
import type { Traces } from './traces.ts';

export interface TraceParts {
  /** Where spans go: `http://127.0.0.1:4318/v1/traces`. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly workspaceId: string;
  readonly notes: TraceNotes;
  readonly now: () => string;
  readonly log: Logger;
}

/** Of the notes of one subject: the first is gone on with, the others are linked. */
const MOST_LINKS = 32;
const EXPORT_EVERY_MS = 1_000;

export function startTraces({ endpoint, headers, workspaceId, notes, now, log }: TraceParts): Traces {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const exporter = new OTLPTraceExporter({ url: endpoint, headers: { ...headers } });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'lockstep-worker', 'lockstep.workspace': workspaceId }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: EXPORT_EVERY_MS })],
  });
  const tracer = provider.getTracer('lockstep');
  const quietly = async <T>(working: Promise<T>, otherwise: T): Promise<T> =>
    working.catch((error: unknown) => {
      log.warn({ error: error instanceof Error ? error.name : typeof error }, 'a trace has lost a link');
      return otherwise;
    });
  return {
    async doing({ name, subject, attributes, settles }, run) {
      const left = subject === null ? [] : await quietly(notes.left(subject, MOST_LINKS), []);
      const answer = await inSpan(tracer, { name, attributes, left: left.flatMap((text) => parsed(text) ?? []) }, run);
      if (subject !== null && settles?.(answer) === true) await quietly(notes.settle(subject, left), undefined);
      return answer;
    },
    async leave(subject) {
      const running = trace.getSpanContext(context.active());
      if (running !== undefined) await quietly(notes.leave(subject, formatted(running), now()), undefined);
    },
    sending: (connectionId, request) => sent(tracer, connectionId, request),
    close: () => quietly(provider.shutdown(), undefined),
  };
}

interface Span {
  readonly name: string;
  readonly attributes: Attributes;
  readonly left: readonly SpanContext[];
}

async function inSpan<T>(tracer: Tracer, { name, attributes, left }: Span, run: () => Promise<T>): Promise<T> {
  const [parent, ...others] = left;
  const around: Context = parent === undefined ? context.active() : trace.setSpanContext(ROOT_CONTEXT, parent);
  const options = { attributes, links: others.map((other) => ({ context: other })), kind: SpanKind.INTERNAL };
  return tracer.startActiveSpan(name, options, around, async (span) => {
    try {
      return await run();
    } catch (error) {
      // By its name and code only: messages repeat values of records.
      span.setStatus({ code: SpanStatusCode.ERROR, message: nameOf(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}

function sent(tracer: Tracer, connectionId: string, { vendor, method, route, isRead }: SentRequest): (status: number | null) => void {
  const attributes = {
    ...{ 'http.request.method': method, 'url.template': route },
    ...{ 'lockstep.vendor': vendor, 'lockstep.connection': connectionId, 'lockstep.writes': !isRead },
  };
  const span = tracer.startSpan(`${method} ${vendor} ${route}`, { kind: SpanKind.CLIENT, attributes });
  return (status) => {
    if (status !== null) span.setAttribute('http.response.status_code', status);
    if (status === null || status >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  };
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.name;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Source: W3C Trace Context, `traceparent`. */
function formatted({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

function parsed(traceparent: string): SpanContext | null {
  const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(traceparent) ?? [];
  const found = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
  return isSpanContextValid(found) ? found : null;
}
