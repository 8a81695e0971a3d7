/** `lockstep routing check`: documents that are given, and for the rest what lies in the files, held against each other. Changes nothing. */
import { createHash } from 'node:crypto';
import type { RoutingCheck, RoutingCheckRequest } from '@lockstep/api/routing-schemas.ts';
import { checkRouting } from '@lockstep/domain/routing/check.ts';
import type { CheckRequest, HoursAhead } from '@lockstep/domain/routing/check-request.ts';
import type { HolidaySource } from '@lockstep/domain/routing/calendar.port.ts';
import { pathText } from '@lockstep/domain/routing/problem.ts';
import type { Problem } from '@lockstep/domain/routing/problem.ts';
import type { Roster } from '@lockstep/domain/routing/roster.schema.ts';
import { uncoveredHours } from '@lockstep/domain/routing/uncovered-hours.ts';
import { DAY_MS, isZone } from '@lockstep/domain/routing/zone.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Calendars } from '@lockstep/engine/routing/calendars.ts';
import { shippedSlas } from '@lockstep/domain/routing/shipped-slas.ts';
import type { SlaSpec } from '@lockstep/domain/routing/sla.schema.ts';
import { DOCUMENT_KINDS, readDocument } from './routing-documents.ts';
import type { DocumentKind, DocumentText, ReadDocument } from './routing-documents.ts';

export interface CheckParts {
  /** What lies in the files of the configuration; null where there is none. */
  readonly texts: () => { readonly [K in DocumentKind]: DocumentText | null };
  /** Connections to CRMs in which everybody needs an owner. */
  readonly connections: readonly string[];
  readonly holidays: HolidaySource;
  /** When the people of a roster work, by what is known now. */
  readonly calendarsOf: (roster: Roster, now: string) => Promise<Calendars>;
  readonly now: () => string;
}

/** So far ahead hours that nobody covers are told. */
const DAYS_AHEAD = 28;

/** All problems: first those of each file, then, where policy and roster can be read, those of one against the other. */
export async function checkDocuments(request: RoutingCheckRequest, parts: CheckParts): Promise<RoutingCheck> {
  const lying = parts.texts();
  const read = <K extends DocumentKind>(kind: K): ReadDocument<K> | null => {
    const text = request[kind] ?? lying[kind];
    return text === null ? null : readDocument(kind, text);
  };
  const documents = { scoring: read('scoring'), roster: read('roster'), policy: read('policy'), slas: read('slas') };
  const own = DOCUMENT_KINDS.flatMap((kind) => documents[kind]?.problems ?? []);
  const both = await against(documents, parts);
  const problems = [...own, ...(both?.problems ?? [])];
  return {
    problems: [...problems.filter(({ severity }) => severity === 'error'), ...problems.filter(({ severity }) => severity === 'warning')],
    documents: DOCUMENT_KINDS.flatMap((kind) => {
      const found = documents[kind];
      if (found === null) return [];
      const { name, body } = found;
      return [{ kind, name, version: body?.version ?? null, hash: body === null ? null : hashOf(body) }];
    }),
    hours: both?.hours ?? null,
  };
}

/** One against the other; null where policy or roster cannot be read. */
async function against(
  { policy, roster, scoring, slas }: { readonly [K in DocumentKind]: ReadDocument<K> | null },
  { connections, holidays, calendarsOf, now }: CheckParts,
): Promise<Pick<RoutingCheck, 'problems' | 'hours'> | null> {
  if (!policy?.body || !roster?.body) return null;
  const at = now();
  const asked: CheckRequest = {
    ...{ policy: policy.body, roster: roster.body, scoring: scoring?.body ?? null, connections, at, isZone },
    slas: referencesOf(slas?.body?.slas ?? shippedSlas(roster.body.territoryGap)),
    files: { policy: policy.name, roster: roster.name },
    locate: (file, path) => (file === 'policy' ? policy : roster).locate(path),
  };
  const unknown = regionProblems(roster, roster.body, holidays, at);
  // Of a calendar that cannot be read nobody can say when it works.
  if (unknown.length > 0 || roster.body.people.some(({ zone }) => !isZone(zone)))
    return { problems: [...unknown, ...checkRouting(asked)], hours: null };
  const fromMs = Date.parse(at);
  const hours = { calendars: await calendarsOf(roster.body, at), fromMs, toMs: fromMs + DAYS_AHEAD * DAY_MS };
  return { problems: [...checkRouting({ ...asked, hours })], hours: hoursView(asked, hours) };
}

/** Regions whose holidays nobody knows. */
function regionProblems(read: ReadDocument<'roster'>, { people }: Roster, source: HolidaySource, at: string): readonly Problem[] {
  return people.flatMap(({ holidays: region }, index): readonly Problem[] => {
    const path = ['people', index, 'holidays'];
    try {
      if (region !== null) source.holidaysOf(region, [Number(at.slice(0, 4))]);
      return [];
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      const place = { severity: 'error', file: read.name, line: read.locate(path), path: pathText(path) } as const;
      return [{ ...place, expected: 'a region whose public holidays are known', got: `${region}`, remedy: error.message }];
    }
  });
}

function hoursView(asked: CheckRequest, hours: HoursAhead): RoutingCheck['hours'] {
  const isoOf = (ms: number): string => new Date(ms).toISOString();
  return {
    from: isoOf(hours.fromMs),
    to: isoOf(hours.toMs),
    uncovered: uncoveredHours(asked, hours).map(({ tiers, spans, ...found }) => ({
      ...found,
      tiers: [...tiers],
      spans: spans.map(({ fromMs, toMs }) => ({ from: isoOf(fromMs), to: isoOf(toMs) })),
    })),
  };
}

function referencesOf(slas: readonly SlaSpec[]) {
  return slas.map(({ id, ladder, longestWaitMinutes }) => ({
    ...{ id, longestWaitMinutes },
    people: ladder.flatMap((rung) => (rung.do === 'escalate' ? [rung.to] : [])),
  }));
}

/** For people, to tell one content from another. */
function hashOf(body: unknown): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16);
}
