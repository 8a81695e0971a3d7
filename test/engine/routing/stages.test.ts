/** Clocks between stages of a sale: HubSpot's contacts and deals, moved by people, read by the connector, followed by the engine on a real PostgreSQL. */
import { describe, expect, test } from 'vitest';
import type { StageSighting } from '@lockstep/domain/routing/routing-crm.port.ts';
import type { Stage } from '@lockstep/domain/routing/stage.ts';
import type { RoutingEngine } from '@lockstep/engine/routing/environment.ts';
import { pullStages } from '@lockstep/engine/routing/stages.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { CRM } from '../crm/bench.ts';
import { openRouting } from './bench.ts';
import type { RoutingBench } from './bench.ts';

const database = useTestStore();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const VALUES = { MQL: 'marketingqualifiedlead', SQL: 'salesqualifiedlead', opportunity: 'opportunity' };
const EMAIL = 'ann@acme-gears.de';

interface SaleBench {
  readonly bench: RoutingBench;
  /** Who has accepted the lead. */
  readonly owner: string;
  /** A contact of the account, at a stage. */
  readonly contact: (stage: Stage, email?: string) => Promise<string>;
  readonly move: (id: string, stage: Stage | null) => Promise<void>;
  /** What HubSpot shows is read, and followed. */
  readonly follow: () => Promise<readonly string[]>;
  readonly clocks: () => Promise<readonly string[]>;
}

async function openSale(): Promise<SaleBench> {
  const bench = await openRouting(database);
  await bench.track('Plan Limit Reached');
  await bench.step();
  const owner = (await bench.offers()).at(-1)?.memberId ?? '';
  await bench.answer('accept', owner);
  await bench.step();
  return {
    ...{ bench, owner },
    contact: (stage, email = EMAIL) => bench.crm.person.create('contacts', { email, lifecyclestage: VALUES[stage] }),
    move: (id, stage) => bench.crm.person.edit('contacts', id, { lifecyclestage: stage === null ? 'lead' : VALUES[stage] }),
    async follow() {
      // HubSpot's search lags behind.
      bench.advance(MINUTE_MS);
      const { accounts } = await pullStages(bench.engine, bench.now());
      await bench.step();
      return accounts;
    },
    clocks: () => clocksOf(bench),
  };
}

const rowsOf = async (bench: RoutingBench) => {
  const { leadId } = await bench.lead();
  return (await bench.store.snapshot((reader) => reader.clocksOf(leadId))).map(({ clock }) => clock);
};

/** Those between stages: the service level, and how it stands or has ended. */
const clocksOf = async (bench: RoutingBench): Promise<readonly string[]> =>
  (await rowsOf(bench)).flatMap(({ slaId, state, outcome }) => (slaId === 'pql' ? [] : [`${slaId} ${outcome?.kind ?? state}`]));

const atMs = (bench: RoutingBench): number => Date.parse(bench.now());

/** The simulators' clocks go on while a test runs. */
const near = (wantedMs: number): number => expect.closeTo(wantedMs, -3.5) as number;

describe('clocks between stages', () => {
  test('R2 MQL to SQL to opportunity: each starts and stops at the CRM’s own instants, however late they are seen', async () => {
    const { bench, owner, contact, move, follow, clocks } = await openSale();
    const mqlMs = atMs(bench);
    const ann = await contact('MQL');
    bench.advance(20 * MINUTE_MS);
    expect(await follow()).toEqual([bench.accountId]);
    expect(await clocks()).toEqual(['mql-to-sql running']);
    const [, running] = await rowsOf(bench);
    expect(running).toMatchObject({ startedAtMs: near(mqlMs), ownerId: owner });
    expect(running?.deadlineMs).toBe((running?.startedAtMs ?? 0) + 24 * HOUR_MS);
    bench.advance(HOUR_MS);
    const sqlMs = atMs(bench);
    await move(ann, 'SQL');
    bench.advance(20 * MINUTE_MS);
    await follow();
    expect(await clocks()).toEqual(['mql-to-sql met', 'sql-to-opportunity running']);
    const [, met, next] = await rowsOf(bench);
    expect(met?.outcome).toMatchObject({ endedAtMs: near(sqlMs), wallMs: near(sqlMs - mqlMs) });
    expect(next?.startedAtMs).toBe(met?.outcome?.endedAtMs);
    // Of the company that was made for the lead; nobody has said anything of the contact.
    const companyId = (await bench.store.snapshot((reader) => reader.account(bench.accountId)))?.record?.recordId ?? '';
    const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 341 }];
    await bench.crm.person.ask('POST', '/ui/objects/deals', {
      properties: { dealname: 'Rollout' },
      associations: [{ to: { id: companyId }, types }],
    });
    await follow();
    expect(await clocks()).toEqual(['mql-to-sql met', 'sql-to-opportunity met']);
    expect(await bench.lead()).toMatchObject({ state: 'closed', closeReason: 'opportunity', closedBy: null, offerId: null });
  });

  test('R2 a lead that nobody moves on: its owner is reminded, a named person hears before the deadline, and what comes after is a breach', async () => {
    const { bench, owner, contact, move, follow, clocks } = await openSale();
    const ann = await contact('MQL');
    await follow();
    bench.advance(13 * HOUR_MS);
    const stepped = await bench.step();
    expect(stepped).toMatchObject({ state: 'open', wakeAt: expect.any(String) as string });
    // A reminder fell due as well: of two at one instant the graver is told.
    expect(await bench.notices(owner)).toEqual([
      'New lead for you: Acme Gears',
      'Time is running out, not yet sales-qualified: Acme Gears',
    ]);
    bench.advance(9 * HOUR_MS);
    await bench.step();
    expect(await bench.notices('maria')).toEqual(['Not yet sales-qualified: Acme Gears']);
    expect(await bench.lead()).toMatchObject({ state: 'accepted' });
    expect((await bench.offers()).map(({ memberId, state }) => `${memberId} ${state}`)).toEqual([`${owner} accepted`]);
    bench.advance(3 * HOUR_MS);
    await bench.step();
    expect(await clocks()).toEqual(['mql-to-sql breached']);
    await move(ann, 'SQL');
    await follow();
    expect(await clocks()).toEqual(['mql-to-sql breached', 'sql-to-opportunity running']);
    expect((await rowsOf(bench)).filter(({ outcome }) => outcome?.kind === 'breached')).toHaveLength(1);
  });

  test('R2 before a clock says something the CRM is asked once more: what was reached in time is met, and nobody is reminded of it', async () => {
    const { bench, owner, contact, move, follow, clocks } = await openSale();
    const ann = await contact('MQL');
    await follow();
    bench.advance(HOUR_MS);
    const sqlMs = atMs(bench);
    await move(ann, 'SQL');
    bench.advance(12 * HOUR_MS);
    // Nobody has read anything meanwhile.
    await bench.step();
    expect((await clocks())[0]).toBe('mql-to-sql met');
    expect((await rowsOf(bench))[1]?.outcome?.endedAtMs).toEqual(near(sqlMs));
    expect((await bench.notices(owner)).filter((title) => title.includes('sales-qualified'))).toEqual([]);
  });

  test('R2 with the CRM down clocks go by what was seen, and what is due is told', async () => {
    const { bench, owner, contact, follow } = await openSale();
    await contact('MQL');
    await follow();
    bench.crm.fault('/search', { kind: 'throttle', status: 503, retryAfterSeconds: null }, { times: 'always' });
    bench.advance(13 * HOUR_MS);
    await bench.step();
    expect(await bench.notices(owner)).toContain('Time is running out, not yet sales-qualified: Acme Gears');
  });

  test('13 back from SQL to MQL: what it was on its way to is left, and the way to SQL begins anew', async () => {
    const { contact, move, follow, clocks } = await openSale();
    const ann = await contact('SQL');
    await follow();
    expect(await clocks()).toEqual(['sql-to-opportunity running']);
    await move(ann, 'MQL');
    await follow();
    expect(await clocks()).toEqual(['sql-to-opportunity withdrawn', 'mql-to-sql running']);
    await move(ann, null);
    await follow();
    expect(await clocks()).toEqual(['sql-to-opportunity withdrawn', 'mql-to-sql withdrawn']);
  });

  test('R7 seen again it wakes nobody and changes nothing', async () => {
    const { bench, contact, follow, clocks } = await openSale();
    await contact('MQL');
    expect(await follow()).toEqual([bench.accountId]);
    const before = await rowsOf(bench);
    expect((await pullStages(bench.engine, bench.now())).accounts).toEqual([]);
    await bench.step();
    expect(await rowsOf(bench)).toEqual(before);
    expect(await clocks()).toEqual(['mql-to-sql running']);
  });

  test('a stage of before anybody read the CRM is nobody’s clock; with a lead of theirs it counts from the lead on', async () => {
    const { bench, contact, follow, clocks } = await openSale();
    await contact('MQL', 'bea@later-wheels.de');
    expect(await follow()).toEqual([]);
    expect(await clocks()).toEqual([]);
    bench.advance(5 * HOUR_MS);
    await bench.track('Plan Limit Reached', {}, 'later-wheels.de');
    await bench.step('later-wheels.de');
    const { leadId, openedAt } = await bench.lead('later-wheels.de');
    const rows = await bench.store.snapshot((reader) => reader.clocksOf(leadId));
    expect(rows.map(({ clock }) => clock).find(({ slaId }) => slaId === 'mql-to-sql')).toMatchObject({
      startedAtMs: Date.parse(openedAt),
      outcome: null,
    });
  });

  test('an offer that is made anew has its own clock beside that of a stage', async () => {
    const { bench, owner, contact, follow } = await openSale();
    await contact('MQL');
    await follow();
    expect(await bench.answer('release', owner)).toMatchObject({ outcome: 'taken' });
    await bench.step();
    const running = (await rowsOf(bench)).filter(({ outcome }) => outcome === null);
    expect(running.map(({ slaId }) => slaId).toSorted()).toEqual(['mql-to-sql', 'pql']);
    const next = (await bench.offers()).at(-1);
    expect(next?.memberId).not.toBe(owner);
    expect(running.map(({ ownerId }) => ownerId)).toEqual([next?.memberId, next?.memberId]);
  });
});

describe('R7 whatever order stages are seen in', () => {
  const after = (startMs: number, minutes: number): string => new Date(startMs + minutes * MINUTE_MS).toISOString();

  /** The engine with a CRM that shows these sightings, a page each. */
  function showing(engine: RoutingEngine, sightings: readonly StageSighting[]): RoutingEngine {
    if (engine.crm === null) throw new Error('expected a CRM');
    const stages = async (cursor: string | null) => {
      const place = cursor === null ? 0 : Number(cursor);
      const page = sightings.slice(place, place + 1);
      return { sightings: page, cursor: String(place + 1), more: place + 1 < sightings.length };
    };
    return { ...engine, crm: { ...engine.crm, stages } };
  }

  test.each([
    ['in order', [0, 1, 2]],
    ['the last first', [2, 1, 0]],
    ['some of it twice', [1, 2, 1, 0, 2]],
  ])('R7 case 13 %s: the same clocks', async (_, order) => {
    const { bench } = await openSale();
    const record = { connectionId: CRM, object: 'contacts', recordId: '1' };
    const startMs = atMs(bench);
    const entries = [
      { stage: 'MQL', at: after(startMs, 0) },
      { stage: 'SQL', at: after(startMs, 60) },
      { stage: 'opportunity', at: after(startMs, 90) },
    ] as const;
    const sightings = order.map((index) => ({ record, related: [], email: EMAIL, ownerId: null, entries: entries.slice(0, index + 1) }));
    bench.advance(3 * HOUR_MS);
    await pullStages(showing(bench.engine, sightings), bench.now());
    await bench.step();
    expect(await clocksOf(bench)).toEqual(['mql-to-sql met', 'sql-to-opportunity met']);
    const [, first, second] = await rowsOf(bench);
    expect([first?.outcome?.wallMs, second?.outcome?.wallMs]).toEqual([HOUR_MS, HOUR_MS / 2]);
  });

  test('28 a CRM whose clock is ahead starts and stops clocks at once, by the server’s time', async () => {
    const { bench } = await openSale();
    const record = { connectionId: CRM, object: 'contacts', recordId: '1' };
    const startMs = atMs(bench);
    const entries = [
      { stage: 'MQL', at: after(startMs, 3) },
      { stage: 'SQL', at: after(startMs, 4) },
    ] as const;
    const sightings = [1, 2, 2].map((length) => ({ record, related: [], email: EMAIL, ownerId: null, entries: entries.slice(0, length) }));
    const engine = showing(bench.engine, sightings);
    for (const _ of sightings) {
      await pullStages(engine, bench.now(), 1);
      await bench.step();
    }
    bench.advance(10 * MINUTE_MS);
    await bench.step();
    expect(await clocksOf(bench)).toEqual(['mql-to-sql met', 'sql-to-opportunity running']);
    const [, first] = await rowsOf(bench);
    expect(first?.startedAtMs).toEqual(near(startMs));
  });
});
