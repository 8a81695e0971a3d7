import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { ConnectorErrorCode } from '@lockstep/domain/sync/errors.ts';
import { describe, expect, it } from 'vitest';
import { writeRows } from './batch.ts';
import type { BatchRow, RowOutcome } from './batch.ts';
import { PropertyRefusal } from './errors.ts';
import type { WireBatch, WireError } from './wire.ts';

const BAD = new Set(['7', '50', '99']);
const hundred = Array.from({ length: 100 }, (_, index): BatchRow => ({ key: String(index), properties: { name: `row ${index}` } }));

/** A remote that writes what `answer` says was written, and counts. */
function remote(answer: (keys: readonly string[], properties: readonly Readonly<Record<string, string>>[]) => WireBatch) {
  const writes = new Map<string, number>();
  let calls = 0;
  const send = async (rows: readonly BatchRow[]): Promise<ReadonlyMap<string, RowOutcome>> =>
    writeRows({
      rows,
      place: 'tasks/batch/update',
      required: new Set(['name']),
      inputOf: ({ key, properties }) => ({ id: key, properties }),
      keyOf: (task) => task.id,
      send: async (inputs) => {
        calls += 1;
        const sent = inputs as unknown as readonly { id: string; properties: Record<string, string> }[];
        const batch = answer(
          sent.map(({ id }) => id),
          sent.map(({ properties }) => properties),
        );
        for (const { id } of batch.results) writes.set(id, (writes.get(id) ?? 0) + 1);
        return batch;
      },
    });
  return { send, writes, calls: () => calls };
}

const task = (id: string) => ({ id, properties: {} });
const good = (keys: readonly string[]) => keys.filter((key) => !BAD.has(key)).map(task);
const refused = (outcomes: ReadonlyMap<string, RowOutcome>): Record<string, string> =>
  Object.fromEntries([...outcomes].flatMap(([key, outcome]) => (outcome.written ? [] : [[key, outcome.error.code]])));
const invalid = (context: unknown): WireError => ({ category: 'VALIDATION_ERROR', message: 'too long', context });
const THREE = { '7': 'Invalid', '50': 'Invalid', '99': 'Invalid' };

describe('a batch of a hundred with three bad rows', () => {
  it.each([
    ['by ids', (keys: readonly string[]) => [invalid({ ids: keys })]],
    ['by trace ids, an error each', (keys: readonly string[]) => keys.map((key) => invalid({ objectWriteTraceId: [key] }))],
  ])('J04 207 that names them %s: 97 are written once, three have their reasons, in one call', async (_, errorsOf) => {
    const { send, writes, calls } = remote((keys) => ({ results: good(keys), errors: errorsOf(keys.filter((key) => BAD.has(key))) }));
    expect(refused(await send(hundred))).toEqual(THREE);
    expect([...writes.values()]).toEqual(Array.from({ length: 97 }, () => 1));
    expect(calls()).toBe(1);
  });

  it('J04 the record that stands in the way of a row is not the row that was refused', async () => {
    const { send } = remote((keys) => ({
      // Nothing is said of 8: it is asked about by itself.
      results: keys.filter((key) => key !== '7' && (key !== '8' || keys.length === 1)).map(task),
      errors: keys.includes('7') ? [{ category: 'CONFLICT', message: 'held', context: { existingId: ['8'], ids: ['7'] } }] : [],
    }));
    expect(Object.keys(refused(await send(hundred)))).toEqual(['7']);
  });

  it('J04 207 that names nobody: those without a result are asked about one by one', async () => {
    const { send, writes, calls } = remote((keys) => ({
      results: good(keys),
      errors: keys.some((key) => BAD.has(key)) ? [invalid({})] : [],
    }));
    expect(refused(await send(hundred))).toEqual(THREE);
    expect([...writes.values()].every((count) => count === 1)).toBe(true);
    expect(calls()).toBe(4);
  });

  it('J04 400 for the whole batch: halved until the bad ones stand alone, 97 are written once', async () => {
    const { send, writes, calls } = remote((keys) => {
      if (keys.some((key) => BAD.has(key))) throw new ConnectorError('Invalid', 'HTTP 400');
      return { results: keys.map(task) };
    });
    expect(refused(await send(hundred))).toEqual(THREE);
    expect([...writes.values()]).toEqual(Array.from({ length: 97 }, () => 1));
    expect(calls()).toBeLessThan(50);
  });

  it('J04 409 for the whole batch: the one that contends is sent once more and then given up, the others are written once', async () => {
    const { send, writes } = remote((keys) => {
      if (keys.includes('7')) throw new ConnectorError('Conflict', 'HTTP 409');
      return { results: keys.map(task) };
    });
    expect(refused(await send(hundred))).toEqual({ '7': 'Invalid' });
    expect([...writes.values()]).toEqual(Array.from({ length: 99 }, () => 1));
  });

  it('E03 a row that lost a race against ourselves is written when it is sent again', async () => {
    let races = 1;
    const { send } = remote((keys) => {
      if (races-- > 0) throw new ConnectorError('Conflict', 'HTTP 409');
      return { results: keys.map(task) };
    });
    expect(refused(await send(hundred.slice(0, 1)))).toEqual({});
  });
});

describe('failures of a call', () => {
  it.each<ConnectorErrorCode>(['Throttled', 'OutcomeUnknown', 'Transient', 'AuthRevoked', 'QuotaExhausted', 'Forbidden'])(
    '%s concerns every row and is not sent again',
    async (code) => {
      const { send, calls } = remote(() => {
        throw new ConnectorError(code, 'no');
      });
      expect(new Set(Object.values(refused(await send(hundred))))).toEqual(new Set([code]));
      expect(calls()).toBe(1);
    },
  );

  it('S4 a row that the answer does not mention may have been written: its outcome is unknown', async () => {
    const { send } = remote((keys) => ({ results: good(keys) }));
    expect(refused(await send(hundred))).toEqual({ '7': 'OutcomeUnknown', '50': 'OutcomeUnknown', '99': 'OutcomeUnknown' });
  });
});

describe('a property that is refused', () => {
  const picky = remote((_, properties) => {
    const [only] = properties;
    if (properties.length > 1 || only === undefined) throw new ConnectorError('Invalid', 'HTTP 400');
    if ('status' in only) throw new PropertyRefusal('no such option', 400, ['status']);
    if (only['name'] === 'bad') throw new PropertyRefusal('no such name', 400, ['name']);
    return { results: [task('1')] };
  });

  it('J08 is left out and named, and the others are written', async () => {
    const outcome = (await picky.send([{ key: '1', properties: { name: 'x', status: 'GONE' } }])).get('1');
    expect(outcome).toMatchObject({ written: true, left: [{ property: 'status', error: { code: 'Invalid' } }] });
  });

  it('J08 a row of which nothing else is left, or that cannot be without it, is refused', async () => {
    expect(refused(await picky.send([{ key: '1', properties: { status: 'GONE' } }]))).toEqual({ '1': 'Invalid' });
    expect(refused(await picky.send([{ key: '1', properties: { name: 'bad', owner: 'CMO' } }]))).toEqual({ '1': 'Invalid' });
  });
});
