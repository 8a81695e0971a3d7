/** Answers to who has pressed a button, against the simulator's Slack. */
import { readInteractivity } from '@lockstep/connectors/slack/interactivity.ts';
import { createPressReply } from '@lockstep/connectors/slack/reply.ts';
import { expect, test } from 'vitest';
import { receiver } from './receiver.ts';
import { codeOf, outgoing, slackAccount } from './slack-account.ts';

const SECRET = 'slack-signing-secret';

test('25 who has pressed is told by the press’s own address, and nobody else sees it; it is sent nowhere but to Slack', async () => {
  const { messenger, served, keys } = await slackAccount();
  const { url, deliveries } = await receiver(() => served.clock.nowMs());
  const person = (path: string, body: object) =>
    fetch(`${served.url}/ui${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  await person('/apps/lockstep', { interactivityUrl: url });
  const { conversation, message } = await messenger.post(outgoing('pql-1/assigned'));
  await person('/press', { user: 'lena', channel: conversation, ts: message, actionId: 'pql_accept' });
  await served.webhooks.settled();
  const [delivery] = deliveries;
  const verdict = delivery === undefined ? null : readInteractivity(SECRET, delivery);
  const responseUrl = verdict?.ok === true ? (verdict.presses[0]?.responseUrl ?? '') : '';
  const reply = createPressReply({ baseUrl: served.url, requestTimeoutMs: 5_000, clock: () => new Date(served.clock.nowMs()) });
  await reply(responseUrl, 'Somebody <!channel> else & more');
  const page = await (await fetch(`${served.url}/ui/${conversation}`)).text();
  expect(page.split('<article>').find((article) => article.includes('Somebody'))).toContain('(only visible to one)');
  // What is shown to one is in no history.
  expect(await keys()).toEqual(['pql-1/assigned']);
  served.clock.advance(31 * 60_000);
  expect(await codeOf(reply(responseUrl, 'too late'))).toBe('NotFound');
  const asked = () => served.log.list({}, 100_000).filter(({ path }) => path.startsWith('/actions/')).length;
  const before = asked();
  for (const elsewhere of ['https://hooks.slack.com.evil.example/x', 'http://127.0.0.1:1/x', 'no address'])
    expect(await codeOf(reply(elsewhere, 'nothing'))).toBe('Invalid');
  expect(asked()).toBe(before);
  for (const kind of ['lose-answer', 'cut'] as const) {
    served.faults.add({ tool: 'slack', match: { path: '/actions/' }, action: { kind }, skip: 0, times: 1 });
    await expect(reply(responseUrl, 'x')).rejects.toMatchObject({ message: expect.not.stringContaining('/actions/') as string });
  }
});
