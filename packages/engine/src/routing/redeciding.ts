/** Past decisions, decided again by other documents, a page at a time: no write, no message (case 81). */
import { DECISION_CHANGES, isFaithful, personOf, redecide } from '@lockstep/domain/routing/redecide.ts';
import type { DecisionChange, DecisionDocuments } from '@lockstep/domain/routing/redecide.ts';
import type { Decision } from '@lockstep/domain/routing/decide.ts';
import type { RoutingPolicy } from '@lockstep/domain/routing/policy.schema.ts';
import type { Roster } from '@lockstep/domain/routing/roster.schema.ts';
import type { DecisionRow, RoutingReader, RoutingStore } from '@lockstep/domain/routing/routing-store.port.ts';

export interface RedecideRequest {
  /** Null: the one that the decision was made by. */
  readonly policy: RoutingPolicy | null;
  readonly roster: Roster | null;
  /** Of the decisions' making, ISO: `from` included, `to` not. */
  readonly from: string;
  readonly to: string;
  /** Id of the last decision of the page before. */
  readonly after: string | null;
  readonly limit: number;
}

/** `differs`: today's code makes another decision of the stored input by the documents of then. `unknown`: these documents are not stored. */
export type Faithfulness = 'same' | 'differs' | 'unknown';

export interface RedecidedRow {
  readonly decisionId: string;
  readonly leadId: string;
  readonly decidedAt: string;
  readonly stored: Faithfulness;
  /** Null where a document that it needs is not stored. */
  readonly change: DecisionChange | null;
  readonly before: DecisionBrief;
  readonly after: DecisionBrief | null;
  /** Candidates of whom nothing was read then. */
  readonly unread: readonly string[];
}

export interface DecisionBrief {
  readonly outcome: 'assigned' | 'escalated' | 'excluded';
  readonly personId: string | null;
  readonly ruleId: string | null;
  readonly poolId: string | null;
  readonly slaId: string | null;
  readonly reason: string | null;
}

export interface RedecidedPage {
  readonly decisions: number;
  readonly stored: Readonly<Record<Faithfulness, number>>;
  readonly changes: Readonly<Record<DecisionChange, number>>;
  /** Decisions for which a document is not stored. */
  readonly notDecided: number;
  /** What differs, or is not as it was stored. */
  readonly rows: readonly RedecidedRow[];
  /** Where the next page begins; null at the end. */
  readonly next: string | null;
}

/** Reads only. */
export async function redecidePage(store: Pick<RoutingStore, 'snapshot'>, request: RedecideRequest): Promise<RedecidedPage> {
  const { from, to, after, limit } = request;
  const { decisions, documents } = await store.snapshot(async (reader) => {
    const page = await reader.decisions({ from, to, after, limit });
    return { decisions: page, documents: await storedDocuments(reader, page) };
  });
  const rows = decisions.map((row) => redecided(row, documents, request));
  const count = (matches: (row: RedecidedRow) => boolean): number => rows.filter(matches).length;
  return {
    decisions: rows.length,
    stored: {
      same: count(({ stored }) => stored === 'same'),
      differs: count(({ stored }) => stored === 'differs'),
      unknown: count(({ stored }) => stored === 'unknown'),
    },
    changes: Object.fromEntries(DECISION_CHANGES.map((change) => [change, count((row) => row.change === change)])) as Record<
      DecisionChange,
      number
    >,
    notDecided: count(({ change }) => change === null),
    rows: rows.filter(({ stored, change, unread }) => stored !== 'same' || change !== 'same' || unread.length > 0),
    next: decisions.length < limit ? null : (decisions.at(-1)?.decisionId ?? null),
  };
}

interface Stored {
  readonly policies: ReadonlyMap<string, RoutingPolicy>;
  readonly rosters: ReadonlyMap<string, Roster>;
}

/** The documents by which a page was decided, each read once. What is stored was valid when it was. */
async function storedDocuments(reader: RoutingReader, rows: readonly DecisionRow[]): Promise<Stored> {
  const read = async <T>(kind: 'policy' | 'roster', hashes: ReadonlySet<string>): Promise<ReadonlyMap<string, T>> => {
    const found = new Map<string, T>();
    for (const hash of hashes) {
      const document = await reader.document(kind, hash);
      if (document !== null) found.set(hash, document.body as T);
    }
    return found;
  };
  return {
    policies: await read<RoutingPolicy>('policy', new Set(rows.map(({ policyHash }) => policyHash))),
    rosters: await read<Roster>('roster', new Set(rows.map(({ rosterHash }) => rosterHash))),
  };
}

function redecided(row: DecisionRow, { policies, rosters }: Stored, request: RedecideRequest): RedecidedRow {
  const { decisionId, leadId, decidedAt, input, decision } = row;
  const then = both(policies.get(row.policyHash), rosters.get(row.rosterHash));
  const other = both(request.policy ?? policies.get(row.policyHash), request.roster ?? rosters.get(row.rosterHash));
  const again = other === null ? null : redecide(other, input, decision);
  return {
    ...{ decisionId, leadId, decidedAt },
    stored: then === null ? 'unknown' : isFaithful(then, input, decision) ? 'same' : 'differs',
    change: again?.change ?? null,
    before: briefOf(decision),
    after: again === null ? null : briefOf(again.decision),
    unread: again?.unread ?? [],
  };
}

function both(policy: RoutingPolicy | undefined, roster: Roster | undefined): DecisionDocuments | null {
  return policy === undefined || roster === undefined ? null : { policy, roster };
}

function briefOf({ ruleId, slaId, outcome }: Decision): DecisionBrief {
  return {
    ...{ outcome: outcome.kind, personId: personOf(outcome), ruleId, slaId },
    poolId: outcome.kind === 'assigned' ? outcome.poolId : null,
    reason: outcome.kind === 'assigned' ? null : outcome.reason,
  };
}
