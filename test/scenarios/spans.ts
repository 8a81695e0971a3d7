/** Spans as a collector takes them: OTLP over HTTP in JSON. */
import type { Receiver } from '../conformance/receiver.ts';

export interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface Otlp {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<SentSpan, 'attributes'> & { readonly attributes: readonly Attribute[] })[];
    }[];
  }[];
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** All that has arrived until now, in the order in which spans have ended. */
export function spansAt({ deliveries }: Receiver): readonly SentSpan[] {
  return deliveries.flatMap(({ body }) => {
    const { resourceSpans } = JSON.parse(new TextDecoder().decode(body)) as Otlp;
    return resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) =>
        spans.map((span) => ({
          ...span,
          attributes: Object.fromEntries(span.attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
        })),
      ),
    );
  });
}
