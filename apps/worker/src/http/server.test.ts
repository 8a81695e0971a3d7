import { expect, onTestFinished, test } from 'vitest';
import { listen } from './server.ts';

test('C08 an idle connection outlives the 60 s of a load balancer before us, so that none of its requests meets a closing one', async () => {
  const server = await listen(() => new Response('served'), { port: 0, host: '127.0.0.1' });
  onTestFinished(() => server.close());
  const answer = await fetch(server.url);
  expect(await answer.text()).toBe('served');
  expect(Number(/^timeout=(\d+)$/.exec(answer.headers.get('keep-alive') ?? '')?.[1])).toBeGreaterThan(60);
});
