import type { RoutingStore } from '@lockstep/domain/routing/routing-store.port.ts';
import { describe, expect, test } from 'vitest';
import { anAccount, aClock, aLead, anOffer, aStageRow, inOne, LATER } from './routing.fixture.ts';
import { createRoutingStore } from './routing-store.ts';
import { NOW, useTestStore } from './testing.ts';

const database = useTestStore();
const open = (): RoutingStore => createRoutingStore({ pool: database.pool, workspaceId: database.workspaceId() });
const ref = (object: string, recordId: string) => ({ connectionId: 'crm', object, recordId });
const [ann, ben, deal, acme, other] = [
  ref('contacts', '1'),
  ref('contacts', '2'),
  ref('deals', '1'),
  ref('companies', '7'),
  ref('companies', '8'),
];
const OPPORTUNITY = { stage: 'opportunity', at: NOW } as const;

describe('from a record of the CRM to our account', () => {
  const filled = async (): Promise<RoutingStore> => {
    const store = open();
    await inOne(store, async (tx) => {
      await tx.saveAccount(anAccount('matched', { record: acme }));
      await tx.saveAccount(anAccount('mailed'));
      await tx.saveAccount(anAccount('elsewhere', { record: other }));
      await tx.saveStages([
        aStageRow(ann, { related: [acme], mailAccountId: null }),
        aStageRow(ben, { mailAccountId: 'mailed' }),
        // Of nobody that we know.
        aStageRow(ref('contacts', '3'), { mailAccountId: 'unknown' }),
      ]);
    });
    return store;
  };
  const accountsOf = (store: RoutingStore, ...records: ReturnType<typeof ref>[]) =>
    store.snapshot((reader) => reader.accountsOfRecords(records));
  const stagesOf = async (store: RoutingStore, accountId: string) =>
    (await store.snapshot((reader) => reader.stagesOf(accountId))).map(({ key }) => key);

  test('by the company that it is or belongs to, and by its mail address; nobody where neither is ours', async () => {
    const store = await filled();
    expect(await accountsOf(store, acme)).toEqual(['matched']);
    expect(await accountsOf(store, ann)).toEqual(['matched']);
    expect(await accountsOf(store, ben)).toEqual(['mailed']);
    expect(await accountsOf(store, ann, ben)).toEqual(['mailed', 'matched']);
    expect(await accountsOf(store, ref('contacts', '3'))).toEqual([]);
    expect(await accountsOf(store, ref('contacts', 'never seen'))).toEqual([]);
  });

  test('a deal without a company goes by its contacts, to their company and by their address', async () => {
    const store = await filled();
    await inOne(store, (tx) => tx.saveStages([aStageRow(deal, { related: [ann, ben], mailAccountId: null, entries: [OPPORTUNITY] })]));
    expect(await accountsOf(store, deal)).toEqual(['mailed', 'matched']);
    expect(await stagesOf(store, 'mailed')).toEqual(['crm/contacts/2', 'crm/deals/1']);
    expect(await stagesOf(store, 'matched')).toEqual(['crm/contacts/1', 'crm/deals/1']);
    expect(await stagesOf(store, 'elsewhere')).toEqual([]);
  });

  test('an account that is matched later finds what was seen before', async () => {
    const store = await filled();
    expect(await stagesOf(store, 'mailed')).toEqual(['crm/contacts/2']);
    await inOne(store, (tx) => tx.saveAccount(anAccount('mailed', { record: acme })));
    expect(await stagesOf(store, 'mailed')).toEqual(['crm/contacts/1', 'crm/contacts/2']);
  });

  test('a record that is saved again has the place of the one before', async () => {
    const store = await filled();
    const row = aStageRow(ann, { related: [other, ben], mailAccountId: null, entries: [OPPORTUNITY] });
    await inOne(store, (tx) => tx.saveStages([row]));
    expect(await store.snapshot((reader) => reader.stageRows([ann, ref('contacts', '9')]))).toEqual([row]);
  });
});

test('a cursor is the one that was saved last, by connection', async () => {
  const store = open();
  await inOne(store, async (tx) => {
    for (const cursor of ['first', 'second']) await tx.saveStageCursor('crm', cursor, cursor === 'first' ? NOW : LATER);
  });
  expect(await store.snapshot((reader) => reader.stageCursor('crm'))).toEqual({ cursor: 'second', since: NOW });
  expect(await store.snapshot((reader) => reader.stageCursor('other'))).toBeNull();
});

test('what no step has looked at, and a clock that runs for a lead that was accepted, is something to do', async () => {
  const store = open();
  const openAccounts = () => store.snapshot((reader) => reader.openAccounts({ after: null, limit: 10 }));
  await inOne(store, async (tx) => {
    await tx.saveAccount(anAccount('seen'));
    await tx.saveAccount(anAccount('unseen'));
    for (const accountId of ['running', 'ended']) {
      await tx.saveAccount(anAccount(accountId));
      await tx.saveOffer(anOffer(`o-${accountId}`, { leadId: `l-${accountId}`, state: 'accepted', answeredAt: NOW }));
      await tx.saveLead(aLead(`l-${accountId}`, { accountId, state: 'accepted', offerId: `o-${accountId}` }));
    }
    await tx.saveClock(aClock('c-running', {}, 'l-running'));
  });
  expect(await openAccounts()).toEqual(['running']);
  await inOne(store, (tx) => tx.markUnseen(['unseen', 'nobody']));
  expect(await openAccounts()).toEqual(['running', 'unseen']);
});
