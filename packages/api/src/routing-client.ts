/** The part of the typed client that is about routing. */
import type { CloseReason } from '@lockstep/domain/routing/close-reason.ts';
import type { LeadAnswer } from './routing-answer-schemas.ts';
import type { AccountScores, AccountScoresRequest } from './routing-score-schemas.ts';
import type { ApiRoutingContext, ContextRequest, PastLeadsPage } from './routing-past-schemas.ts';
import type { ApiLead, EventsAnswer, ExplainedAccount, RoutingCheck, RoutingCheckRequest, SlaReport } from './routing-schemas.ts';

/** Who says it, and to which offer; left out: the caller, and the one that counts now. */
export interface LeadAnswerOptions {
  readonly by?: string;
  readonly offerId?: string;
}

export interface RoutingClient {
  /** Calls as Segment sends them; at most 500 KB. A batch that was sent before changes nothing. */
  sendEvents(batch: readonly unknown[], options?: { readonly backfill?: boolean }): Promise<EventsAnswer>;
  /** By key (`domain:acme.example`), by id, or by what stands behind the colon. */
  explainAccount(key: string): Promise<ExplainedAccount>;
  slaReport(): Promise<SlaReport>;
  leads(filter?: { readonly state?: ApiLead['state']; readonly limit?: number }): Promise<readonly ApiLead[]>;
  /** `ApiError` `refused` says by which rule an answer does not count. */
  acceptLead(leadId: string, options?: LeadAnswerOptions): Promise<LeadAnswer>;
  declineLead(leadId: string, options?: LeadAnswerOptions): Promise<LeadAnswer>;
  snoozeLead(leadId: string, options: LeadAnswerOptions & { readonly until: string }): Promise<LeadAnswer>;
  reassignLead(leadId: string, options: LeadAnswerOptions & { readonly to: string }): Promise<LeadAnswer>;
  releaseLead(leadId: string, options?: LeadAnswerOptions): Promise<LeadAnswer>;
  closeLead(leadId: string, options: LeadAnswerOptions & { readonly reason: CloseReason }): Promise<LeadAnswer>;
  checkRouting(request: RoutingCheckRequest): Promise<RoutingCheck>;
  /** `from` included, `to` not; `after` is `next` of the page before. */
  pastLeads(request: {
    readonly from: string;
    readonly to: string;
    readonly after: string | null;
    readonly limit: number;
  }): Promise<PastLeadsPage>;
  /** At most 200 accounts. */
  accountScores(accounts: AccountScoresRequest['accounts']): Promise<AccountScores['scores']>;
  routingContext(request: ContextRequest): Promise<ApiRoutingContext>;
}

type Get = <T>(path: string, query?: Readonly<Record<string, string | undefined>>) => Promise<T>;
type Post = <T>(path: string, body?: unknown) => Promise<T>;

/** The calls, over the client's own ways to get and to post. */
export function routingCalls(get: Get, post: Post): RoutingClient {
  const of = (leadId: string, action: string): string => `/v1/routing/leads/${encodeURIComponent(leadId)}/${action}`;
  return {
    sendEvents: (batch, { backfill = false } = {}) => post(`/v1/events${backfill ? '?backfill=true' : ''}`, { batch }),
    explainAccount: (key) => get(`/v1/routing/accounts/${encodeURIComponent(key)}`),
    slaReport: () => get('/v1/routing/sla'),
    leads: async ({ state, limit } = {}) =>
      (await get<{ leads: ApiLead[] }>('/v1/routing/leads', { state, limit: limit === undefined ? undefined : String(limit) })).leads,
    acceptLead: (leadId, options = {}) => post(of(leadId, 'accept'), options),
    declineLead: (leadId, options = {}) => post(of(leadId, 'decline'), options),
    snoozeLead: (leadId, options) => post(of(leadId, 'snooze'), options),
    reassignLead: (leadId, options) => post(of(leadId, 'reassign'), options),
    releaseLead: (leadId, options = {}) => post(of(leadId, 'release'), options),
    closeLead: (leadId, options) => post(of(leadId, 'close'), options),
    checkRouting: (request) => post('/v1/routing/check', request),
    pastLeads: ({ from, to, after, limit }) => get('/v1/routing/past-leads', { from, to, after: after ?? undefined, limit: String(limit) }),
    accountScores: async (accounts) => (await post<AccountScores>('/v1/routing/scores', { accounts })).scores,
    routingContext: (request) => post('/v1/routing/context', request),
  };
}
