/** `lockstep routing check`: documents that are given, and for the rest what lies in the files, held against each other. Changes nothing. */
import { createHash } from 'node:crypto';
import type { RoutingCheck, RoutingCheckRequest } from '@lockstep/api/routing-schemas.ts';
import { checkRouting } from '@lockstep/domain/routing/check.ts';
import { isZone } from '@lockstep/domain/routing/zone.ts';
import { shippedSlas } from '@lockstep/domain/routing/shipped-slas.ts';
import type { SlaSpec } from '@lockstep/domain/routing/sla.schema.ts';
import { DOCUMENT_KINDS, readDocument } from './routing-documents.ts';
import type { DocumentKind, DocumentText, ReadDocument } from './routing-documents.ts';

export interface CheckParts {
  /** What lies in the files of the configuration; null where there is none. */
  readonly texts: () => { readonly [K in DocumentKind]: DocumentText | null };
  /** Connections to CRMs in which everybody needs an owner. */
  readonly connections: readonly string[];
  readonly now: () => string;
}

/** All problems: first those of each file, then, where policy and roster can be read, those of one against the other. */
export function checkDocuments(request: RoutingCheckRequest, { texts, connections, now }: CheckParts): RoutingCheck {
  const lying = texts();
  const read = <K extends DocumentKind>(kind: K): ReadDocument<K> | null => {
    const text = request[kind] ?? lying[kind];
    return text === null ? null : readDocument(kind, text);
  };
  const documents = { scoring: read('scoring'), roster: read('roster'), policy: read('policy'), slas: read('slas') };
  const [policy, roster] = [documents.policy, documents.roster];
  const own = DOCUMENT_KINDS.flatMap((kind) => documents[kind]?.problems ?? []);
  const both =
    policy?.body && roster?.body
      ? checkRouting({
          policy: policy.body,
          roster: roster.body,
          scoring: documents.scoring?.body ?? null,
          slas: referencesOf(documents.slas?.body?.slas ?? shippedSlas(roster.body.territoryGap)),
          connections,
          at: now(),
          files: { policy: policy.name, roster: roster.name },
          locate: (file, path) => (file === 'policy' ? policy : roster).locate(path),
          isZone,
        })
      : [];
  const problems = [...own, ...both];
  return {
    problems: [...problems.filter(({ severity }) => severity === 'error'), ...problems.filter(({ severity }) => severity === 'warning')],
    documents: DOCUMENT_KINDS.flatMap((kind) => {
      const found = documents[kind];
      if (found === null) return [];
      const { name, body } = found;
      return [{ kind, name, version: body?.version ?? null, hash: body === null ? null : hashOf(body) }];
    }),
  };
}

function referencesOf(slas: readonly SlaSpec[]) {
  return slas.map(({ id, ladder }) => ({ id, people: ladder.flatMap((rung) => (rung.do === 'escalate' ? [rung.to] : [])) }));
}

/** For people, to tell one content from another. */
function hashOf(body: unknown): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16);
}
