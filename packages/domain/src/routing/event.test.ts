import { describe, expect, it } from 'vitest';
import { accountKeyOf, MOST_BYTES, occurredAt, readEvent, readPayload } from './event.ts';
import type { EventReading, ProductEvent } from './event.ts';
import { problemText } from './problem.ts';

const RECEIVED = '2026-10-23T14:30:00.000Z';
const CONTEXT = { receivedAt: RECEIVED, isBackfill: false };
const CALL = { type: 'track', messageId: 'm1', event: 'Teammate Invited', userId: 'u1' };

function read(call: unknown): ProductEvent {
  const reading = readEvent(call, CONTEXT);
  if (reading.kind !== 'event') throw new Error(JSON.stringify(reading));
  return reading.event;
}

const words = (reading: EventReading | undefined): readonly string[] =>
  reading?.kind === 'refused' ? reading.problems.map(problemText) : [];

describe('a call of Segment’s', () => {
  it('becomes an event; what nobody needs to score is dropped', () => {
    const call = {
      ...CALL,
      anonymousId: 'a1',
      context: { ip: '10.0.0.1', groupId: 'g1', traits: { email: 'Ines@Acme.com' } },
      properties: { seats: 3, nested: { a: [1] } },
      integrations: { All: true },
      version: 2,
    };
    expect(read(call)).toEqual({
      messageId: 'm1',
      type: 'track',
      name: 'Teammate Invited',
      accountKey: 'group:g1',
      userId: 'u1',
      anonymousId: 'a1',
      groupId: 'g1',
      email: 'ines@acme.com',
      values: { seats: 3, nested: { a: [1] } },
      occurredAt: RECEIVED,
      receivedAt: RECEIVED,
      isBackfill: false,
    });
  });

  it('identify and group carry traits; numbers as ids are texts', () => {
    expect(read({ type: 'identify', messageId: 'm', userId: 7, traits: { email: 'x@acme.com', plan: 'team' } })).toMatchObject({
      type: 'identify',
      name: null,
      userId: '7',
      accountKey: 'domain:acme.com',
      values: { email: 'x@acme.com', plan: 'team' },
    });
    expect(read({ type: 'group', messageId: 'm', groupId: 'g', traits: { employees: 20 } })).toMatchObject({
      accountKey: 'group:g',
      values: { employees: 20 },
    });
  });

  it.each(['page', 'screen', 'alias'])('%s is taken and not used', (type) => {
    expect(readEvent({ ...CALL, type }, CONTEXT)).toEqual({ kind: 'ignored', type });
  });

  it.each([
    [{ ...CALL, event: undefined }, 'event: expected the name of what happened, got nothing'],
    [{ ...CALL, event: 5 }, 'event: expected a text, got 5'],
    [{ ...CALL, type: 'click' }, 'type: expected track, identify or group (page, screen and alias are taken and not used), got "click"'],
    [{ ...CALL, type: 'group' }, 'groupId: expected the id of the group, got nothing'],
    [{ ...CALL, userId: '' }, 'userId: expected a userId, an anonymousId or a groupId, got nothing'],
    [{ ...CALL, messageId: null }, 'messageId: expected a messageId, or a timestamp from which to tell'],
    [{ ...CALL, messageId: 'x'.repeat(256) }, 'messageId: expected a text of at most 255 characters'],
    [{ ...CALL, timestamp: '2026-10-23T14:30:00' }, 'timestamp: expected an ISO 8601 instant with a zone'],
    [{ ...CALL, sentAt: 'yesterday' }, 'sentAt: expected an ISO 8601 instant with a zone'],
    [{ ...CALL, properties: [1] }, 'properties: expected an object, got a list of 1'],
    ['text', 'expected an object such as'],
    [null, 'expected an object such as'],
    [{ ...CALL, properties: { text: 'ü'.repeat(16 * 1024) } }, `expected a call of at most ${MOST_BYTES.event} bytes`],
  ])('%j is refused with the place and the remedy', (call, message) => {
    const problems = words(readEvent(call, CONTEXT));
    expect(problems[0]).toContain(message);
    expect(problems[0]).toContain('https://segment.com/docs/connections/spec/');
  });

  it('a call of 10,000 brackets is refused, not a crash', () => {
    const deep: unknown = JSON.parse(`{"type":"track","properties":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_001)}`);
    expect(words(readEvent(deep, CONTEXT))[0]).toContain('expected at most 32 levels');
  });

  it('R7 case 12 a call without a message id is known again by its content, whatever sentAt says', () => {
    const { messageId: _, ...call } = { ...CALL, timestamp: '2026-10-23T14:00:00Z' };
    const [first, again] = [read({ ...call, sentAt: '2026-10-23T14:00:01Z' }), read({ ...call, sentAt: '2026-10-23T15:00:01Z' })];
    expect(first.messageId).toMatch(/^derived:[0-9a-f]{64}$/);
    expect(again.messageId).toBe(first.messageId);
    expect(read({ ...call, timestamp: '2026-10-23T14:00:02Z' }).messageId).not.toBe(first.messageId);
  });
});

describe('a batch', () => {
  it('a bad call loses nothing of the others, and is named by its place', () => {
    const readings = readPayload({ batch: [CALL, { ...CALL, event: '' }, { ...CALL, messageId: 'm3' }, 7] }, 100, CONTEXT);
    expect(readings.map(({ kind }) => kind)).toEqual(['event', 'refused', 'event', 'refused']);
    expect(words(readings[1])[0]).toMatch(/^batch\[1\]\.event: expected/);
    expect(words(readings[3])[0]).toMatch(/^batch\[3\]: expected an object/);
  });

  it('gives its sentAt and context to calls that have none', () => {
    const call = { ...CALL, timestamp: '2026-10-23T10:00:00Z' };
    const [own, shared] = readPayload(
      {
        batch: [{ ...call, sentAt: '2026-10-23T10:00:10Z', groupId: 'mine' }, call],
        sentAt: '2026-10-23T10:01:00Z',
        context: { groupId: 'g' },
      },
      100,
      CONTEXT,
    );
    expect(own).toMatchObject({ event: { occurredAt: '2026-10-23T14:29:50.000Z', accountKey: 'group:mine' } });
    expect(shared).toMatchObject({ event: { occurredAt: '2026-10-23T14:29:00.000Z', accountKey: 'group:g' } });
  });

  it('is refused as a whole where it is too large or no batch', () => {
    const huge = { batch: [CALL] };
    expect(words(readPayload(huge, MOST_BYTES.batch, CONTEXT)[0])).toEqual([]);
    expect(words(readPayload(huge, MOST_BYTES.batch + 1, CONTEXT)[0])[0]).toContain('expected a batch of at most 512000 bytes, got 512001');
    expect(words(readPayload({ batch: [] }, 1, CONTEXT)[0])[0]).toMatch(/^batch: expected at least one call/);
    expect(words(readPayload({ batch: 'x' }, 1, CONTEXT)[0])[0]).toMatch(/^batch: expected a list of calls/);
  });

  it('one call alone needs no batch', () => {
    expect(readPayload(CALL, 100, CONTEXT)).toEqual([readEvent(CALL, CONTEXT)]);
  });
});

describe('when an event happened', () => {
  const times = { timestamp: null, originalTimestamp: null, sentAt: null, receivedAt: RECEIVED };

  it.each([
    ['no time at all: when it was received', {}, RECEIVED],
    ['a time alone: as given', { timestamp: '2026-01-01T00:00:00Z' }, '2026-01-01T00:00:00.000Z'],
    ['a clock an hour fast', { timestamp: '2026-10-23T15:29:00Z', sentAt: '2026-10-23T15:30:00Z' }, '2026-10-23T14:29:00.000Z'],
    ['a clock that stands at 1970', { timestamp: '1970-01-01T00:00:10Z', sentAt: '1970-01-01T00:00:40Z' }, '2026-10-23T14:29:30.000Z'],
    [
      'originalTimestamp is the same word',
      { originalTimestamp: '2026-10-23T15:29:00Z', sentAt: '2026-10-23T15:30:00Z' },
      '2026-10-23T14:29:00.000Z',
    ],
    [
      'both: corrected already',
      { originalTimestamp: '2026-10-23T15:00:00Z', timestamp: '2026-10-23T13:00:00Z', sentAt: '2026-10-23T15:30:00Z' },
      '2026-10-23T13:00:00.000Z',
    ],
    ['sent before it happened: never later than received', { timestamp: '2026-10-23T15:00:00Z', sentAt: '2026-10-23T14:00:00Z' }, RECEIVED],
    ['a time to come: never later than received', { timestamp: '2030-01-01T00:00:00Z' }, RECEIVED],
    ['another zone', { timestamp: '2026-10-23T10:00:00+02:00' }, '2026-10-23T08:00:00.000Z'],
  ])('%s', (_, given, expected) => {
    expect(occurredAt({ ...times, ...given })).toBe(expected);
  });
});

describe('whose account it is', () => {
  const nobody = { groupId: null, email: null, userId: null, anonymousId: null };
  const excluded = { competitors: ['rival.io'], test: [], freeMail: [], disposable: [] };

  it.each([
    [{ ...nobody, groupId: 'g', email: 'a@acme.com' }, 'group:g'],
    [{ ...nobody, email: 'a@mail.acme.co.uk', userId: 'u' }, 'domain:acme.co.uk'],
    [{ ...nobody, email: 'a@gmail.com', userId: 'u' }, 'person:a@gmail.com'],
    [{ ...nobody, email: 'a@shop.myshopify.com' }, 'person:a@shop.myshopify.com'],
    [{ ...nobody, email: 'a@eu.rival.io' }, 'domain:rival.io'],
    [{ ...nobody, userId: 'u', anonymousId: 'x' }, 'person:user:u'],
    [{ ...nobody, anonymousId: 'x' }, 'person:anonymous:x'],
  ])('%j is %s', (who, key) => {
    expect(accountKeyOf(who, excluded)).toBe(key);
  });

  it('a user id that is a mail address tells the company', () => {
    expect(read({ ...CALL, userId: 'Ines@Acme.com' }).accountKey).toBe('domain:acme.com');
  });
});

describe('text that cannot be stored', () => {
  const call = (name: string) => readEvent({ ...CALL, event: name }, CONTEXT);

  it.each(['a\0b', '\ud800', 'x\udc00', '\\\0'])('I04 refuses the call that holds it, and no other: %j', (name) => {
    expect(call(name)).toMatchObject({ kind: 'refused', problems: [{ got: 'one of them' }] });
  });

  it.each(['\\u0000', '👩‍🚀', '\\\\ud800', 'ü\n'])('I04 takes what only looks like it: %j', (name) => {
    expect(call(name).kind).toBe('event');
  });
});
