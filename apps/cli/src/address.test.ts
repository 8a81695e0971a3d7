import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cannedAnswers } from './canned.ts';
import { emptyDirectory, lockstep } from './program-run.ts';
import { startStandIn, TOKEN } from './stand-in.ts';
import type { StandIn } from './stand-in.ts';

describe('finding the worker', () => {
  let standIn: StandIn;
  let data: string;
  beforeAll(async () => {
    standIn = await startStandIn(cannedAnswers());
  });
  afterAll(() => standIn.close());
  beforeEach(() => {
    data = emptyDirectory();
  });
  const leave = (left: unknown): void => writeFileSync(join(data, 'api.json'), typeof left === 'string' ? left : JSON.stringify(left));
  const leaveToken = (): void => writeFileSync(join(data, 'token'), `${TOKEN}\n`);

  it('takes address and token from the data directory', async () => {
    leave({ url: standIn.url, tokenFile: 'token' });
    leaveToken();
    expect(await lockstep(['status', '--data', data])).toMatchObject({ code: 0, stderr: '' });
  });

  it('takes an absolute token file too', async () => {
    leave({ url: standIn.url, tokenFile: join(data, 'token') });
    leaveToken();
    expect(await lockstep(['status', '--data', data])).toMatchObject({ code: 0 });
  });

  it('takes them from the environment, the token also as file:PATH', async () => {
    leaveToken();
    const env = { LOCKSTEP_API_URL: standIn.url, LOCKSTEP_API_TOKEN: `file:${join(data, 'token')}` };
    expect(await lockstep(['status'], { env })).toMatchObject({ code: 0 });
  });

  it('prefers flags to the environment', async () => {
    const env = { LOCKSTEP_API_URL: 'http://127.0.0.1:1', LOCKSTEP_API_TOKEN: 'another' };
    expect(await lockstep(['status', '--url', standIn.url, '--token', TOKEN], { env })).toMatchObject({ code: 0 });
  });

  it('never sends the token of a data directory to another address', async () => {
    leave({ url: 'http://127.0.0.1:1', tokenFile: 'token' });
    leaveToken();
    const { code, stderr } = await lockstep(['status', '--data', data, '--url', standIn.url]);
    expect(code).toBe(2);
    expect(stderr).toContain(`token: expected --token or LOCKSTEP_API_TOKEN for ${standIn.url}, got none`);
  });

  it('ends in 4 where nothing has been started', async () => {
    const { code, stderr, stdout } = await lockstep(['status', '--data', join(data, 'nowhere'), '--json']);
    expect(code).toBe(4);
    expect(stderr).toContain('run `npm start` here, or name its data directory with --data');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'unreachable', exitCode: 4 } });
  });

  it('ends in 4 where nothing answers any more', async () => {
    leave({ url: 'http://127.0.0.1:1', tokenFile: 'token' });
    leaveToken();
    const { code, stderr } = await lockstep(['status', '--data', data]);
    expect(code).toBe(4);
    expect(stderr).toContain('http://127.0.0.1:1');
  });

  it('asks for a token where the worker was given one by its environment', async () => {
    leave({ url: standIn.url, tokenFile: null });
    expect(await lockstep(['status', '--data', data])).toMatchObject({ code: 2 });
    expect(await lockstep(['status', '--data', data, '--token', TOKEN])).toMatchObject({ code: 0 });
  });

  it.each([['{"url":'], ['{"url":"nonsense","tokenFile":"token"}'], ['[]']])('refuses a mangled api.json: %s', async (text) => {
    leave(text);
    const { code, stderr } = await lockstep(['status', '--data', data]);
    expect(code).toBe(1);
    expect(stderr).toContain('expected {"url", "tokenFile"}');
  });

  it('names a token file that is not there', async () => {
    leave({ url: standIn.url, tokenFile: 'gone' });
    const { code, stderr } = await lockstep(['status', '--data', data]);
    expect(code).toBe(1);
    expect(stderr).toContain(join(data, 'gone'));
  });

  it('refuses an address that is none', async () => {
    const { code, stderr } = await lockstep(['status', '--url', 'localhost:7780', '--token', TOKEN]);
    expect(code).toBe(2);
    expect(stderr).toContain('expected an address such as http://127.0.0.1:7780, got localhost:7780');
  });
});
