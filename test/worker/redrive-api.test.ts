/** What waits for a person, and past decisions, over HTTP: answers as their schemas say, a dry run that changes nothing, one call that drives and wakes. */
import { describe, expect, test } from 'vitest';
import { parkedListSchema, redriveAnswerSchema, redriveStandingSchema } from '@lockstep/api/redrive-schemas.ts';
import type { ParkedList, RedriveAnswer } from '@lockstep/api/redrive-schemas.ts';
import { redecidedPageSchema } from '@lockstep/api/replay-decide-schemas.ts';
import { problemSchema } from '@lockstep/api/schemas.ts';
import { createAuditLog } from '@lockstep/store/audit.ts';
import { createStore } from '@lockstep/store/store.ts';
import { anItem, aWrite, useTestStore } from '@lockstep/store/testing.ts';
import { wholeStore } from '../ingress/door.ts';
import { apiDesk } from './api-desk.ts';
import { openRoutingDesk } from './routing-desk.ts';

const database = useTestStore();
/** Before the desk's own time. */
const EARLIER = '2026-11-20T09:00:00.000Z';
const REFUSED = { code: 'Invalid', message: 'task: expected an issue type "Taks", found none' };

/** Three parked writes on `jira`, one of them held by the breaker. */
async function parkedDesk() {
  const workspaceId = database.workspaceId();
  const store = createStore({ pool: database.pool, workspaceId });
  const desk = await apiDesk(store, ['jira', 'notion']);
  await store.transaction(async (tx) => {
    await tx.saveItems(
      ['a', 'b', 'c'].map((id) => anItem(id, { title: `Title ${id}` })),
      EARLIER,
    );
    await tx.oweWrites(
      ['a', 'b', 'c'].map((id) => aWrite(id)),
      EARLIER,
    );
    await tx.claimWrites('jira', 10, EARLIER);
    const parked = { connectionId: 'jira', state: 'parked', notBefore: null, countAttempt: true } as const;
    await tx.returnWrites([
      { ...parked, itemId: 'a', error: REFUSED },
      { ...parked, itemId: 'b', error: REFUSED },
      { ...parked, itemId: 'c', error: { code: 'MassUnlink', message: 'held' } },
    ]);
  });
  return { desk, log: createAuditLog({ pool: database.pool, workspaceId }), states: () => statesOf(store) };
}

const statesOf = async (store: ReturnType<typeof createStore>) =>
  (await store.snapshot((reader) => reader.outbox({ connectionId: 'jira', limit: 10 }))).map(({ itemId, state, attempts }) => [
    itemId,
    state,
    attempts,
  ]);

describe('redrive over HTTP', () => {
  test('K08 the list says what waits, why and what to do; a page of it says what is left out', async () => {
    const { desk } = await parkedDesk();
    const { status, body } = await desk.call('GET', '/v1/parked');
    expect([status, parkedListSchema.parse(body)]).toEqual([200, body]);
    expect((body as ParkedList).causes).toMatchObject([
      {
        count: 2,
        code: 'Invalid',
        left: { held: 0 },
        example: { title: 'Title a', message: REFUSED.message },
        remedy: expect.stringContaining('mapping') as string,
      },
      { count: 1, code: 'MassUnlink', left: { held: 1 }, remedy: expect.stringContaining('--approve-deletes') as string },
    ]);
    expect((await desk.call('GET', '/v1/parked?limit=1')).body).toMatchObject({ more: { causes: 1, things: 1 }, total: 3 });
    expect((await desk.call('GET', '/v1/parked?connection=notion')).body).toMatchObject({ causes: [], total: 0 });
    expect((await desk.call('GET', '/v1/parked?item=c')).body).toMatchObject({ total: 1 });
  });

  test('K08 a dry run changes nothing at all; without it the writes are owed, the connection is woken, and it is in the audit log, once', async () => {
    const { desk, log, states } = await parkedDesk();
    const before = await wholeStore(database.pool);
    const dry = await desk.call('POST', '/v1/redrives', {});
    expect([dry.status, redriveAnswerSchema.parse(dry.body)]).toEqual([200, dry.body]);
    expect(dry.body).toMatchObject({ dryRun: true, redriveId: null, driven: 2, woken: [], closed: [] });
    expect((dry.body as RedriveAnswer).things.map(({ title }) => title)).toEqual(['Title a', 'Title b']);
    expect([await wholeStore(database.pool), desk.woken]).toEqual([before, []]);

    const { body } = await desk.call('POST', '/v1/redrives', { item: 'a', dryRun: false });
    expect(body).toMatchObject({ dryRun: false, driven: 1, woken: ['jira'] });
    expect(await states()).toEqual([
      ['a', 'owed', 0],
      ['b', 'parked', 1],
      ['c', 'parked', 1],
    ]);
    const { at, redriveId } = body as RedriveAnswer;
    const standing = await desk.call('GET', `/v1/redrives/standing?at=${at}`);
    expect([standing.status, redriveStandingSchema.parse(standing.body)]).toEqual([
      200,
      { underWay: [{ connectionId: 'jira', count: 1 }], again: [] },
    ]);
    expect((await desk.call('POST', '/v1/redrives', { item: 'a', dryRun: false })).body).toMatchObject({ driven: 0, woken: [] });
    const entries = (await log.page({ from: 0, limit: 10 })).map(({ canonical }) => JSON.parse(canonical) as unknown);
    expect(entries).toMatchObject([
      { actor: 'operator', actorKind: 'human', action: 'redrive-write', outcome: 'intended', correlationId: redriveId },
    ]);
    expect(desk.woken.flatMap(({ connectionIds }) => connectionIds)).toEqual(['jira']);
  });

  test('K08 a connection that is paused is said to drive nothing before it is opened', async () => {
    const { desk } = await parkedDesk();
    await desk.call('POST', '/v1/connections/jira/pause', {});
    expect((await desk.call('POST', '/v1/redrives', { dryRun: false })).body).toMatchObject({
      ...{ driven: 2, closed: [{ connectionId: 'jira', gate: 'paused', isBroken: false }] },
    });
  });

  test.for([
    ['GET', '/v1/parked?connection=nope', undefined, 404],
    ['POST', '/v1/redrives', { connection: 'nope' }, 404],
    ['GET', '/v1/parked?cause=zz', undefined, 400],
    ['POST', '/v1/redrives', { cause: 'a1b2' }, 400],
    ['POST', '/v1/redrives', { all: true }, 400],
    ['GET', '/v1/redrives/standing', undefined, 400],
    ['GET', '/v1/redrives/standing?at=yesterday', undefined, 400],
  ] as const)('%s %s with %j is %i', async ([method, path, body, status]) => {
    const { desk } = await parkedDesk();
    const answer = await desk.call(method, path, body);
    expect([answer.status, problemSchema.parse(answer.body).message]).toEqual([
      status,
      expect.stringMatching(/expected|Unrecognized|Invalid/),
    ]);
  });
});

describe('past decisions over HTTP', () => {
  test('R6 none were made; a policy that does not load is refused with its line', async () => {
    const desk = await openRoutingDesk(database);
    const { status, body } = await desk.call('POST', '/v1/routing/decisions/replay', {});
    expect([status, redecidedPageSchema.parse(body)]).toEqual([200, body]);
    expect(body).toMatchObject({ decisions: 0, rows: [], next: null });
    const bad = await desk.call('POST', '/v1/routing/decisions/replay', {
      policy: { name: 'next.yaml', text: 'version: 1\nmotions: []\n' },
    });
    expect([bad.status, problemSchema.parse(bad.body).message]).toEqual([400, expect.stringContaining('next.yaml:2')]);
    await desk.close();
  });
});
