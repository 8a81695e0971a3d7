/** Routing through all of the house: the worker on the real Temporal over the real engine, PostgreSQL, and the simulators of HubSpot and Slack. */
import { expect, test } from 'vitest';
import { explainedAccountSchema, slaReportSchema } from '@lockstep/api/routing-schemas.ts';
import { readPayload } from '@lockstep/domain/routing/event.ts';
import { planReplay } from '@lockstep/engine/replay/planning.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { accountView, slaView } from '@lockstep/worker/http/routing-view.ts';
import { pqlWorkflowId } from '@lockstep/workflows/contracts.ts';
import { SOON } from './harness.ts';
import { openPqlLane } from './pql-lane.ts';
import { openReplaysBeside } from './replays-beside.ts';
import { useTemporalSdk } from './sdk.ts';

const database = useTestStore();
const bundle = useTemporalSdk();

test('R1 R2 R7 case 10 case 12 case 25 from a product event to an acknowledgement: one workflow, one offer, one message, and ids without a person in them', async () => {
  const { bench, workspaceId, temporal, cases, routing } = await openPqlLane(database);
  const context = { traits: { email: 'ann@acme-gears.de', company: { name: 'Acme Gears' }, country: 'DE', employees: 200 } };
  const call = { userId: 'u-1', timestamp: bench.now(), context };
  const batch = [
    { ...call, type: 'identify', messageId: 'i-1', traits: context.traits },
    { ...call, type: 'track', messageId: 't-1', event: 'Plan Limit Reached' },
  ];
  const readings = readPayload({ batch }, 1_000, { receivedAt: bench.now(), isBackfill: false });
  expect(await cases.ingest(readings, bench.now())).toMatchObject({ fresh: 2, duplicates: 0, accounts: [bench.accountId] });
  expect(await cases.ingest(readings, bench.now())).toMatchObject({ fresh: 0, duplicates: 2, accounts: [] });
  await Promise.all(Array.from({ length: 10 }, () => routing.wake([bench.accountId])));
  const handle = temporal.client.workflow.getHandle(pqlWorkflowId(workspaceId, bench.accountId));
  await expect.poll(() => bench.notices('lena').catch(() => []), SOON).toEqual(['New lead for you: Acme Gears']);
  expect((await handle.describe()).workflowId).not.toMatch(/acme|ann|@/i);

  const { leadId, offerId } = await bench.lead();
  const said = { kind: 'accept', leadId, offerId: offerId ?? '', by: 'lena' } as const;
  expect(await routing.answer({ ...said, by: 'omar' })).toMatchObject({ outcome: 'refused', code: 'NOT_YOURS' });
  const answers = await Promise.all(['press-1', 'press-1', 'press-2'].map((key) => routing.answer(said, key)));
  // Under one key it is one Update of a run; the workflow may have ended in between, and then the store knows it.
  expect(answers.map(({ outcome }) => outcome)).toEqual(expect.arrayContaining(['taken', 'already']));
  expect(answers.map(({ outcome }) => outcome)).not.toContain('refused');
  expect((await bench.offers()).map(({ state }) => state)).toEqual(['accepted']);
  expect(await bench.lead()).toMatchObject({ state: 'accepted' });

  const reading = await cases.explainAccount('domain:acme-gears.de', bench.now());
  if (reading === null) throw new Error('expected the account, got none');
  const explained = explainedAccountSchema.strict().parse(accountView(reading, bench.now()));
  expect(explained.leads).toHaveLength(1);
  expect(explained.leads[0]).toMatchObject({
    lead: { state: 'accepted', ownerId: 'lena' },
    clocks: [{ standing: 'ended', outcome: 'met' }],
  });
  expect(explained.leads[0]?.decisions[0]?.candidates.map(({ memberId }) => memberId)).toEqual(['omar', 'lena', 'tom']);
  expect(slaReportSchema.parse(slaView(await cases.slaReport(bench.now()), bench.now())).totals).toMatchObject({ met: 1, breached: 0 });
});

test('R2 R7 a stage in the CRM wakes the workflow of a lead that was accepted: its clock is in the report, its owner is reminded, the next stage ends it', async () => {
  const { bench, workspaceId, temporal, cases, routing } = await openPqlLane(database);
  await bench.track('Plan Limit Reached');
  await routing.wake([bench.accountId]);
  await expect.poll(() => bench.notices('lena').catch(() => []), SOON).toEqual(['New lead for you: Acme Gears']);
  const { leadId, offerId } = await bench.lead();
  await routing.answer({ kind: 'accept', leadId, offerId, by: 'lena' });
  const contact = await bench.crm.person.create('contacts', { email: 'ann@acme-gears.de', lifecyclestage: 'marketingqualifiedlead' });
  const pull = async (): Promise<void> => {
    bench.advance(60_000);
    await routing.wake((await cases.pullStages(new Date().toISOString())).accounts);
  };
  const standing = async (): Promise<readonly string[]> =>
    slaView(await cases.slaReport(bench.now()), bench.now()).clocks.map(({ slaId, standing: word }) => `${slaId} ${word}`);
  await pull();
  await expect.poll(standing, SOON).toEqual(['mql-to-sql on-time']);
  bench.advance(13 * 3_600_000);
  await routing.wake([bench.accountId]);
  await expect.poll(() => bench.notices('lena'), SOON).toContain('Time is running out, not yet sales-qualified: Acme Gears');
  expect(await standing()).toEqual(['mql-to-sql at-risk']);
  await bench.crm.person.edit('contacts', contact, { lifecyclestage: 'opportunity' });
  await pull();
  await expect.poll(standing, SOON).toEqual([]);
  const { leads } = (await cases.explainAccount(bench.accountId, bench.now())) ?? { leads: [] };
  expect(leads[0]?.clocks.map(({ clock }) => `${clock.slaId} ${clock.outcome?.kind}`)).toEqual(['pql met', 'mql-to-sql met']);
  // Nothing is left to do, and the workflow is over.
  await temporal.client.workflow.getHandle(pqlWorkflowId(workspaceId, bench.accountId)).result();
});

test('81 a lead whose workflow somebody has terminated is set back to its first task: nobody is told twice, and the answer counts', async () => {
  const { bench, workspaceId, temporal, routing, keyRing } = await openPqlLane(database);
  await bench.track('Plan Limit Reached');
  await routing.wake([bench.accountId]);
  await expect.poll(() => bench.notices('lena').catch(() => []), SOON).toEqual(['New lead for you: Acme Gears']);
  const workflowId = pqlWorkflowId(workspaceId, bench.accountId);
  await temporal.client.workflow.getHandle(workflowId).terminate('a slip of the hand');
  const { engine, replay } = await openReplaysBeside({
    ...{ pool: database.pool, storeWorkspaceId: bench.workspaceId, workspaceId, keyRing, workflowBundle: bundle() },
  });
  const selection = { by: 'ids', workflowIds: [workflowId] } as const;
  const { targets, effects, unsafe } = await planReplay(engine, { selection, point: { at: 'first-task' }, actorKind: 'human' });
  expect([targets.length, unsafe]).toEqual([1, []]);
  expect(effects.find(({ activity }) => activity === 'tell')).toMatchObject({ doneByKey: 1, willRun: 0 });
  await replay('rp-1', selection, { at: 'first-task' });
  const { leadId, offerId } = await bench.lead();
  expect(await routing.answer({ kind: 'accept', leadId, offerId, by: 'lena' })).toMatchObject({ outcome: 'taken' });
  await temporal.client.workflow.getHandle(workflowId).result();
  expect(await bench.notices('lena')).toEqual(['New lead for you: Acme Gears']);
  expect((await bench.offers()).map(({ state }) => state)).toEqual(['accepted']);
});
