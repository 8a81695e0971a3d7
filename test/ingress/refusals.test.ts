/** Webhooks as an attacker sends them, on a real socket, to the real connectors: refused with the right status, and nothing in the store has changed. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { useTestStore } from '@lockstep/store/testing.ts';
import { createWorld, TOOLS } from '../scenarios/world.ts';
import type { World } from '../scenarios/world.ts';
import { openDoor, wholeStore } from './door.ts';
import type { Door } from './door.ts';
import { eventOf, signed } from './signed.ts';
import type { HookedTool } from './signed.ts';

const database = useTestStore();
const MINUTE_MS = 60_000;
const TOO_LARGE = 2 * 1024 * 1024 + 1;
/** How long a request may take in this file. */
const REQUEST_MS = 400;

describe('the ingress', () => {
  let world: World;
  let door: Door;
  beforeAll(async () => {
    world = await createWorld({ store: database.store(), connections: [...TOOLS], keep: true });
    door = await openDoor(world, REQUEST_MS);
  });
  afterAll(async () => {
    await door.close();
    await world.close();
  });

  /** What a post is answered with; fails where the store is another one then, somebody was woken, or the worker broke over it. */
  const refused = async (tool: HookedTool, body: Uint8Array, headers: Readonly<Record<string, string>>): Promise<number> => {
    const before = [await wholeStore(database.pool), [...door.woken]];
    const { status } = await door.post(door.urlOf(tool), body, headers);
    expect([await wholeStore(database.pool), door.woken]).toEqual(before);
    expect(door.errors).toEqual([]);
    return status;
  };
  const genuine = (tool: HookedTool, body: Uint8Array, atMs = Date.now()): Record<string, string> =>
    signed(tool, { url: door.urlOf(tool), body, atMs });

  test.for(TOOLS)('C05 %s: forged, changed and unsigned deliveries are 401, with a line in the security log for each', async (tool) => {
    const body = eventOf(tool, '10001', 'forged');
    const changed = Buffer.from(body).fill('9', body.length - 3, body.length - 2);
    const forged = signed(tool, { url: door.urlOf(tool), body, secret: 'another secret' });
    const logged = door.security.length;
    expect(await refused(tool, body, forged)).toBe(401);
    expect(await refused(tool, changed, genuine(tool, body))).toBe(401);
    expect(await refused(tool, body, {})).toBe(401);
    for (const signature of ['', 'sha256=', `sha256=${'0'.repeat(64)}`, 'x'.repeat(8_000)]) {
      const names = Object.keys(forged).filter((name) => name.includes('signature'));
      expect(await refused(tool, body, { ...forged, ...Object.fromEntries(names.map((name) => [name, signature])) })).toBe(401);
    }
    expect(door.security.slice(logged)).toEqual(Array.from({ length: 7 }, () => 'bad-signature'));
  });

  test.for(TOOLS)('C01 C05 %s: a replayed delivery changes nothing the second time; one whose signed time is old is 401', async (tool) => {
    const body = eventOf(tool, '10002', `once-${tool}`);
    const headers = genuine(tool, body);
    expect((await door.post(door.urlOf(tool), body, headers)).status).toBe(202);
    expect(await refused(tool, body, headers)).toBe(200);
    if (tool !== 'hubspot') return;
    const late = eventOf(tool, '10003', 'late');
    for (const atMs of [Date.now() - 6 * MINUTE_MS, Date.now() + 10 * MINUTE_MS])
      expect(await refused(tool, late, genuine(tool, late, atMs))).toBe(401);
  });

  test.for(TOOLS)('S10 %s: bodies that are signed and are not what the vendor sends are 400', async (tool) => {
    const words = [
      '',
      '{',
      'null',
      '7',
      '"text"',
      '[[]]',
      '{"webhookEvent":7}',
      '[{"eventId":1}]',
      '{"__proto__":{"ok":true}}',
      '['.repeat(100_000),
    ];
    const bodies = [...words.map((text) => Buffer.from(text)), Buffer.from([0xff, 0xfe, 0x00, 0x80]), Buffer.alloc(1_000)];
    for (const body of bodies) expect(await refused(tool, body, genuine(tool, body)), body.subarray(0, 30).toString()).toBe(400);
  });

  test.for(TOOLS)('I04 %s: ids with control characters, half pairs, markup or a megabyte are 400', async (tool) => {
    for (const id of [
      'a\0b',
      'a\u001b[31m',
      '\ud83d',
      '<script>alert(1)</script>',
      '=1+1',
      '../../etc/passwd',
      '..',
      'x'.repeat(1_000_000),
      '',
    ]) {
      const body = eventOf(tool, id, 'hostile');
      expect(await refused(tool, body, genuine(tool, body)), JSON.stringify(id).slice(0, 40)).toBe(400);
    }
  });

  test.for(TOOLS)('%s: a body over 2 MiB is 413, however truly it is signed, and whether or not it says how long it is', async (tool) => {
    const body = Buffer.alloc(TOO_LARGE, ' ');
    expect(await refused(tool, body, genuine(tool, body))).toBe(413);
    const before = await wholeStore(database.pool);
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(body);
        controller.close();
      },
    });
    const init = { method: 'POST', headers: genuine(tool, body), body: stream, duplex: 'half' } as const;
    expect((await fetch(door.urlOf(tool), init)).status).toBe(413);
    expect(await wholeStore(database.pool)).toEqual(before);
  });

  test.for(TOOLS)('%s: compressed bodies are 415 and not unpacked, signed over either form', async (tool) => {
    const body = eventOf(tool, '10004', 'packed');
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const packed: readonly (readonly [string, Uint8Array])[] = [
      ['gzip', gzipSync(body)],
      ['br', brotliCompressSync(body)],
      ['GZIP', bomb],
      ['identity, gzip', gzipSync(body)],
    ];
    for (const [encoding, bytes] of packed) {
      expect(await refused(tool, bytes, { ...genuine(tool, bytes), 'content-encoding': encoding })).toBe(415);
      expect(await refused(tool, bytes, { ...genuine(tool, body), 'content-encoding': encoding })).toBe(415);
    }
    const named = { ...genuine(tool, body), 'content-encoding': 'identity' };
    expect((await door.post(door.urlOf(tool), body, named)).status).toBe(202);
  });

  it('a path or a method that is none is 404, and what is not HTTP is 400', async () => {
    for (const path of ['nope', '..%2Fv1', '%00', 'x'.repeat(4_000)])
      expect((await door.post(door.urlOf('jira').replace('jira', path), Buffer.from('{}'), {})).status).toBe(404);
    expect((await fetch(door.urlOf('jira'))).status).toBe(404);
    expect(await answerTo('not HTTP at all\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(
      await answerTo(`POST /webhooks/jira HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`),
    ).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('a body or a head that comes slowly is 408, its connection is closed, and others are served meanwhile', async () => {
    const before = await wholeStore(database.pool);
    const slow = [
      'POST /webhooks/jira HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{"half":',
      'POST /webhooks/jira HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"hal\r\n',
      'POST /webhooks/jira HTTP/1.1\r\nhost: x\r\nx-half-a-',
    ];
    const held = Array.from({ length: 20 }, () => slow)
      .flat()
      .map(answerTo);
    const body = eventOf('jira', '10005', 'meanwhile');
    expect((await door.post(door.urlOf('jira'), body, signed('jira', { url: '', body }))).status).toBe(202);
    for (const answer of await Promise.all(held)) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    const after = await wholeStore(database.pool);
    expect(
      Object.keys(after)
        .filter((table) => after[table] !== before[table])
        .sort(),
    ).toEqual(['dirty', 'inbox']);
    expect(door.errors).toEqual([]);
  });

  it('a sender that goes away in mid-body leaves nothing behind', async () => {
    const before = await wholeStore(database.pool);
    const socket = connect(Number(new URL(door.urlOf('jira')).port), '127.0.0.1');
    socket.write('POST /webhooks/jira HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{"half":', () => socket.destroy());
    await once(socket, 'close');
    const body = eventOf('jira', '10006', 'next');
    expect(await refused('jira', body, {})).toBe(401);
    expect([await wholeStore(database.pool), door.errors]).toEqual([before, []]);
  });

  /** What the server says to these bytes, until it closes the connection. */
  const answerTo = async (bytes: string): Promise<string> => {
    const socket = connect(Number(new URL(door.urlOf('jira')).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.write(bytes);
    await once(socket, 'close');
    return answer;
  };
});
