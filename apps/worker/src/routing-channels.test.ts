import { describe, expect, it } from 'vitest';
import { ConfigError } from './config.ts';
import { configuredChannels, mailServerOf } from './routing-channels.ts';

describe('the server for mail', () => {
  it.each([
    [
      'smtps://ops:p%40ss@mail.growth.example',
      { host: 'mail.growth.example', port: 465, tls: 'implicit', login: { user: 'ops', password: 'p@ss' } },
    ],
    [
      'smtp://ops:pw@mail.growth.example:2525',
      { host: 'mail.growth.example', port: 2525, tls: 'starttls', login: { user: 'ops', password: 'pw' } },
    ],
    ['smtp://mail.growth.example', { host: 'mail.growth.example', port: 587, tls: 'starttls', login: null }],
    ['smtp://127.0.0.1:1025', { host: '127.0.0.1', port: 1025, tls: 'none', login: null }],
    ['smtp://[::1]:1025', { host: '::1', port: 1025, tls: 'none', login: null }],
  ])('%s', (text, server) => {
    expect(mailServerOf(text)).toEqual(server);
  });

  it.each(['mail.growth.example', 'https://ops:the-password@mail.growth.example', '', 'smtp://'])(
    '%j is refused, and not repeated',
    (text) => {
      expect(() => mailServerOf(text)).toThrow(ConfigError);
      expect(() => mailServerOf(text)).not.toThrow('the-password');
    },
  );
});

describe('who has pressed', () => {
  const person = {
    name: 'x',
    email: 'ines@growth.example',
    role: 'ae',
    owners: {},
    manager: null,
    zone: 'Europe/Berlin',
    week: [],
  } as const;
  const more = { holidays: null, absences: [], weight: '1', capacity: 1, active: { from: null, to: null } };
  const people = [
    { ...person, ...more, id: 'ines', week: [], slackUserId: 'U0INES' },
    { ...person, ...more, id: 'omar', week: [], slackUserId: null },
  ];

  it('64 is known by the roster, and nobody else is taken for somebody of it', async () => {
    const { memberOf, slack } = configuredChannels({ config: {}, secret: (reference) => reference, requestTimeoutMs: 1_000 });
    expect([await memberOf({ people }, 'U0INES'), await memberOf({ people }, 'U0MALLORY'), slack]).toEqual(['ines', null, null]);
  });
});
