/** What `lockstep doctor` says of Slack. */
import { expect, test } from 'vitest';
import { checkSlack } from '@lockstep/connectors/slack/check.ts';
import { configSchema } from '@lockstep/worker/config.schema.ts';
import { noticesDoctor } from '@lockstep/worker/notices.ts';
import { slackAccount } from './slack-account.ts';

test('the doctor says what is wrong with token, workspace, scopes and secret, and what to do', async () => {
  const { client, person } = await slackAccount();
  const levels = async (teamId: string | null, hasSigningSecret: boolean) =>
    (await checkSlack({ client, teamId, hasSigningSecret })).map(({ subject, level }) => `${subject}: ${level}`);
  expect(await levels('T0GROWTH1', true)).toEqual(['token: ok', 'scopes: ok', 'signing secret: ok']);
  expect(await levels('T0OTHER', false)).toEqual(['token: error', 'scopes: ok', 'signing secret: error']);
  await person('/apps/lockstep', { scopes: ['chat:write'] });
  const findings = await checkSlack({ client, teamId: null, hasSigningSecret: true });
  expect(findings[1]?.message).toContain('im:history, im:write, users:read, users:read.email');
  await person('/apps/lockstep', { isRevoked: true });
  expect(await levels(null, true)).toEqual(['token: error', 'signing secret: ok']);
});

test('the doctor looks at a token that only change sets have, without asking for a secret of buttons that they do not send', async () => {
  const { served, person } = await slackAccount();
  const doctorOf = (changeSets: object) =>
    noticesDoctor({
      config: configSchema.parse({
        version: 1,
        workspace: 'w',
        connections: [{ id: 'plan', connector: 'document', file: 'p.md' }],
        changeSets,
      }),
      secret: () => 'xoxb-lockstep',
    });
  const doctor = doctorOf({ slack: { baseUrl: served.url, botToken: 'env:SLACK' } });
  const levels = async () => ((await doctor?.()) ?? []).map(({ subject, level }) => `${subject}: ${level}`);
  expect(await levels()).toEqual(['token: ok', 'scopes: ok']);
  await person('/apps/lockstep', { isRevoked: true });
  expect(await levels()).toEqual(['token: error']);
  expect(doctorOf({})).toBeUndefined();
});
