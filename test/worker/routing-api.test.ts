/** The API's routes of routing as their contract says, over use cases on paper: who may say what, and what people are shown. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { leadAnswerSchema } from '@lockstep/api/routing-answer-schemas.ts';
import { explainedAccountSchema, leadSchema, slaReportSchema } from '@lockstep/api/routing-schemas.ts';
import { contextSchema, pastLeadsSchema } from '@lockstep/api/routing-past-schemas.ts';
import { problemSchema } from '@lockstep/api/schemas.ts';
import { offer, pastLead } from '@lockstep/domain/routing/past.fixture.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Principal } from '@lockstep/domain/crm/policy.schema.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { paperLead } from './paper-routing.ts';
import { openRoutingDesk } from './routing-desk.ts';
import type { RoutingDesk } from './routing-desk.ts';

const database = useTestStore();
const account = (id: string, kind: Principal['kind'], roles: Principal['roles']) => ({
  principal: { id, kind, person: kind === 'human' ? id : null, members: [], roles },
  token: `token-of-${id}`,
});
const ACCOUNTS = [account('ines', 'human', []), account('robo', 'agent', ['operator'])];

describe('routing over HTTP', () => {
  let desk: RoutingDesk;
  beforeEach(async () => {
    desk = await openRoutingDesk(database, { accounts: ACCOUNTS });
    for (const id of ['lead-1', 'lead-2']) desk.paper.leads.set(id, paperLead(id));
  });
  afterEach(() => desk.close());
  const said = (leadId: string, action: string, body: unknown = {}, token?: string) =>
    desk.call('POST', `/v1/routing/leads/${leadId}/${action}`, body, token);

  test('R6 an account is explained by its key, or by what stands behind the colon; figures are those of this instant', async () => {
    for (const key of ['domain:acme.example', 'acme.example']) {
      const { status, body } = await desk.call('GET', `/v1/routing/accounts/${encodeURIComponent(key)}`);
      expect(status).toBe(200);
      const explained = explainedAccountSchema.strict().parse(body);
      expect(explained).toMatchObject({ accountKey: 'domain:acme.example', score: { total: 72, crossed: true } });
      expect(explained.leads[0]?.clocks[0]).toMatchObject({
        ...{ usedMs: 7_200_000, remainingMs: 7_200_000, wallMs: 7_200_000, uncoveredMs: 0, standing: 'on-time' },
        deadline: '2026-10-23T18:30:00.000Z',
      });
    }
    const { status, body } = await desk.call('GET', '/v1/routing/accounts/nobody.example');
    expect([status, problemSchema.parse(body).code]).toEqual([404, 'not_found']);
  });

  test('15 the report counts what stands open, what has ended how, and uncovered time by itself', async () => {
    const { body } = await desk.call('GET', '/v1/routing/sla');
    const report = slaReportSchema.parse(body);
    expect(report.totals).toEqual({ open: 2, atRisk: 1, escalated: 0, breached: 2, uncovered: 0, met: 5, withdrawn: 0 });
    expect(report.slas.map(({ slaId }) => slaId)).toEqual(['form', 'pql']);
    expect(report.clocks).toHaveLength(2);
  });

  test('15 the metrics are the figures of the report, and name no person, account or lead', async () => {
    const { totals, slas } = slaReportSchema.parse((await desk.call('GET', '/v1/routing/sla')).body);
    const { status, text } = await desk.call('GET', '/metrics');
    expect(status).toBe(200);
    const shown = (figure: string): Readonly<Record<string, number>> =>
      Object.fromEntries(
        [...text.matchAll(new RegExp(`^lockstep_sla_${figure}_clocks\\{sla="([^"]*)"\\} (\\d+)$`, 'gm'))].map(([, sla, count]) => [
          sla ?? '',
          Number(count),
        ]),
      );
    for (const key of ['open', 'atRisk', 'escalated', 'breached', 'uncovered', 'met', 'withdrawn'] as const) {
      const figures = shown(key === 'atRisk' ? 'at_risk' : key);
      expect(figures, key).toEqual(Object.fromEntries(slas.map((sla) => [sla.slaId, sla[key]])));
      expect(
        Object.values(figures).reduce((sum, count) => sum + count, 0),
        key,
      ).toBe(totals[key]);
    }
    const ofRouting = text.split('\n').filter((line) => /^lockstep_(lead|notice)/.test(line));
    expect(ofRouting).toEqual([
      ...['followed 0', 'deciding 0', 'offered 2', 'escalated 0', 'accepted 0'].map(
        (one) => `lockstep_leads{state="${one.replace(' ', '"} ')}`,
      ),
      ...[
        'lockstep_notices_owed 2',
        `lockstep_notices_oldest_owed_seconds ${(Date.parse('2026-11-24T09:00:00Z') - Date.parse('2026-10-23T14:30:00Z')) / 1_000}`,
        'lockstep_lead_writes_open 1',
      ],
      ...['lockstep_notice_attempts_total{channel="slack",outcome="delivered"} 3'],
    ]);
    expect(text).not.toMatch(/ines|lead-1|acme|[0-9a-f]{32}/);
    const { headers } = await fetch(`${desk.url}/metrics`, { headers: { authorization: 'Bearer token-operator' } });
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  test('the metrics need a token of the API', async () => {
    const { status, body } = await desk.call('GET', '/metrics', undefined, 'another');
    expect([status, problemSchema.parse(body).code]).toEqual([401, 'unauthorized']);
  });

  test('leads are listed by state, all that are not closed where none is named', async () => {
    desk.paper.leads.set('lead-3', paperLead('lead-3', { state: 'closed' }));
    const { body } = await desk.call('GET', '/v1/routing/leads');
    const { leads } = body as { leads: unknown[] };
    expect(leads.map((lead) => leadSchema.strict().parse(lead).leadId)).toEqual(['lead-1', 'lead-2']);
    expect((await desk.call('GET', '/v1/routing/leads?state=closed')).body).toMatchObject({ leads: [{ leadId: 'lead-3' }] });
    expect((await desk.call('GET', '/v1/routing/leads?state=odd')).status).toBe(400);
  });

  test('23 every answer reaches the use case with what it says, from the caller where nobody is named', async () => {
    const until = '2026-10-23T17:00:00+02:00';
    const answers = [
      await said('lead-1', 'accept', {}, 'token-of-ines'),
      await said('lead-1', 'decline', { by: 'ines', offerId: 'lead-1/1' }),
      await said('lead-1', 'snooze', { until }),
      await said('lead-1', 'reassign', { to: 'omar' }),
      await said('lead-2', 'release'),
      await said('lead-2', 'close', { reason: 'won' }),
    ];
    for (const { status, body } of answers) expect([status, leadAnswerSchema.parse(body).outcome]).toEqual([200, 'taken']);
    expect(desk.paper.taken).toEqual([
      { kind: 'accept', leadId: 'lead-1', offerId: null, by: 'ines' },
      { kind: 'decline', leadId: 'lead-1', offerId: 'lead-1/1', by: 'ines' },
      { kind: 'snooze', leadId: 'lead-1', offerId: null, by: 'operator', until },
      { kind: 'reassign', leadId: 'lead-1', offerId: null, by: 'operator', to: 'omar' },
      { kind: 'release', leadId: 'lead-2', offerId: null, by: 'operator' },
      { kind: 'close', leadId: 'lead-2', offerId: null, by: 'operator', reason: 'won' },
    ]);
  });

  test('25 said twice it is once; an offer that is gone is 409 with the rule, a lead that is not there 404', async () => {
    await said('lead-1', 'accept');
    expect((await said('lead-1', 'accept')).body).toEqual({ outcome: 'already', leadId: 'lead-1' });
    const gone = await said('lead-2', 'accept', { offerId: 'lead-2/9' });
    expect([gone.status, problemSchema.parse(gone.body).message]).toEqual([409, expect.stringContaining('OTHER_OFFER')]);
    expect((await said('none', 'accept')).status).toBe(404);
    expect(desk.paper.taken).toHaveLength(1);
  });

  test('23 an acknowledgement is a person’s: an agent cannot give one, and nobody but an operator speaks for another', async () => {
    expect((await said('lead-1', 'accept', {}, 'token-of-robo')).status).toBe(403);
    expect((await said('lead-1', 'accept', { by: 'omar' }, 'token-of-ines')).status).toBe(403);
    expect((await said('lead-1', 'accept', {}, 'token-of-nobody')).status).toBe(401);
    expect(desk.paper.taken).toEqual([]);
  });

  test.for([
    ['snooze', {}, 'until'],
    ['snooze', { until: 'soon' }, 'until'],
    ['snooze', { until: '2026-10-23T17:00:00' }, 'until'],
    ['reassign', {}, 'to'],
    ['accept', { until: '2026-10-23T17:00:00Z' }, 'request'],
    ['accept', { by: '' }, 'by'],
  ] as const)('%s with %j is 400 and names %s', async ([action, body, place]) => {
    const answer = await said('lead-1', action, body);
    expect([answer.status, problemSchema.parse(answer.body).message]).toEqual([400, expect.stringContaining(`${place}:`)]);
    expect(desk.paper.taken).toEqual([]);
  });

  test('R6 past leads come a page at a time, credits with the first; what surrounds them is of the roster in force and of those who are named', async () => {
    const ids = ['a', 'b', 'c'];
    desk.paper.past.push(...ids.map((id, index) => pastLead(id, `08:0${index}`, [offer('ada', 'open', `08:0${index}`, null)], null)));
    const range = 'from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00%2B01:00&limit=2';
    const first = pastLeadsSchema.strict().parse((await desk.call('GET', `/v1/routing/past-leads?${range}`)).body);
    expect([first.leads.map(({ leadId }) => leadId), first.next, first.credits]).toEqual([['a', 'b'], 'b/1', {}]);
    expect(first.leads[0]).toEqual(desk.paper.past[0]);
    const last = await desk.call('GET', `/v1/routing/past-leads?${range}&after=${encodeURIComponent('b/1')}`);
    expect(last.body).toMatchObject({ leads: [{ leadId: 'c' }], next: null, credits: null });
    expect((await desk.call('GET', '/v1/routing/past-leads?from=yesterday&to=today')).status).toBe(400);
    const asked = { from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z', regions: ['DE-BY'], members: ['ada'] };
    const context = contextSchema.strict().parse((await desk.call('POST', '/v1/routing/context', asked)).body);
    expect([Object.keys(context.holidays), Object.keys(context.absences), context.documents.policy['version']]).toEqual([
      ['DE-BY'],
      ['ada'],
      'p1',
    ]);
    desk.paper.troubles.push(new ConnectorError('Invalid', 'holidays: expected a region such as DE-BY, got "DE-XX"'));
    const refused = await desk.call('POST', '/v1/routing/context', asked);
    expect([refused.status, problemSchema.parse(refused.body).message]).toEqual([409, expect.stringContaining('DE-XX')]);
  });

  test('the OpenAPI document tells of events and their three ways to authenticate', async () => {
    const { body } = await desk.call('GET', '/v1/openapi.json');
    expect(body).toMatchObject({
      components: { securitySchemes: { token: {}, writeKey: { scheme: 'basic' }, signature: { name: 'x-signature' } } },
      paths: { '/v1/events': { post: { security: [{ token: [] }, { writeKey: [] }, { signature: [] }] } }, '/v1/routing/sla': { get: {} } },
    });
  });
});
