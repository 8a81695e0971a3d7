/** `lockstep replay decide`: documents as texts become what past decisions are decided by. */
import type { RedecideRequest } from '@lockstep/api/replay-decide-schemas.ts';
import { problemText } from '@lockstep/domain/routing/problem.ts';
import type { RoutingStore } from '@lockstep/domain/routing/routing-store.port.ts';
import { redecidePage } from '@lockstep/engine/routing/redeciding.ts';
import type { RedecidedPage } from '@lockstep/engine/routing/redeciding.ts';
import { readDocument } from './routing-documents.ts';
import type { DocumentBodies } from './routing-documents.ts';

/** A document that was given cannot be used: every problem with its line. */
export class UnusableDocument extends Error {
  override readonly name = 'UnusableDocument';
}

const PAGE = 1_000;
const BEGINNING = new Date(0).toISOString();

/** As the validator of the API gives it. */
type Undefinable<T> = { readonly [K in keyof T]: T[K] | undefined };

/** Throws `UnusableDocument`. */
export async function redecideByTexts(
  store: Pick<RoutingStore, 'snapshot'>,
  { policy, roster, since, until, after, limit = PAGE }: Undefinable<RedecideRequest>,
  now: string,
): Promise<RedecidedPage> {
  return redecidePage(store, {
    policy: policy === undefined ? null : bodyOf('policy', policy),
    roster: roster === undefined ? null : bodyOf('roster', roster),
    ...{ from: since ?? BEGINNING, to: until ?? now, after: after ?? null, limit },
  });
}

function bodyOf<K extends 'policy' | 'roster'>(kind: K, text: { readonly name: string; readonly text: string }): DocumentBodies[K] {
  const { body, problems } = readDocument(kind, text);
  if (body !== null) return body;
  throw new UnusableDocument(
    `${kind}: expected one that loads, got:\n${problems.map((problem) => `  ${problemText(problem)}`).join('\n')}`,
  );
}
