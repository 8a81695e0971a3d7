/** The README's first command on the shipped plan, on engines of its own: what a person sees who has just cloned the repository. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { createPlace } from './start.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/growth-plan/tasks.md', import.meta.url));
const LONGEST_MS = 10 * 60_000;

describe('npm start on the shipped example', () => {
  const place = createPlace();
  const incident = join(place.data, '..', 'incident.md');
  afterAll(() => place.remove());

  it(
    'S1 S3 brings all tools in step, tells a story whose thirteen steps hold, and a second pass writes nothing',
    { timeout: LONGEST_MS },
    async () => {
      const { code, output, outcome } = await place.start('--incident', incident);
      expect(
        outcome?.story.filter((step) => !step.ok),
        output,
      ).toEqual([]);
      expect(outcome, output).toMatchObject({ inStep: true, secondPass: { writes: 0 } });
      expect(outcome?.story).toHaveLength(13);
      for (const tool of ['jira', 'notion', 'hubspot', 'salesforce']) {
        const connection = outcome?.connections[tool];
        expect(connection, tool).toMatchObject({ links: connection?.items });
        expect(connection?.creates, tool).toBeGreaterThan(0);
      }
      expect(code, output).toBe(0);
    },
  );

  it('S3 a second start goes on where it was: no story, no write, no create', { timeout: LONGEST_MS }, async () => {
    const before = readFileSync(join(place.data, 'tasks.md'));
    const { code, output, outcome } = await place.start();
    expect(code, output).toBe(0);
    expect(outcome).toMatchObject({ inStep: true, secondPass: { writes: 0 }, story: [] });
    for (const tool of ['jira', 'notion', 'hubspot', 'salesforce'])
      expect(outcome?.connections[tool], tool).toMatchObject({ creates: 0, updates: 0 });
    expect(readFileSync(join(place.data, 'tasks.md')).equals(before)).toBe(true);
  });

  it('K10 no log holds a secret, or an e-mail of anybody whom the story is about', () => {
    const logs = filesOf(join(place.data, 'logs'));
    expect(logs.some((log) => log.includes('"app":"worker"'))).toBe(true);
    const secrets = secretsOf(place.data);
    expect(secrets.length).toBeGreaterThan(5);
    for (const log of logs) {
      expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
      expect(log.match(/[\w.+-]+@(?:refused|rolled-back|replayed|growth)\.example/g) ?? []).toEqual([]);
    }
  });

  it('81 K08 the page of incidents has what was typed and answered, and no secret and no folder of this machine', () => {
    const page = readFileSync(incident, 'utf8');
    for (const typed of ['$ lockstep redrive run --cause', 'deploy-82$ lockstep replay verify', 'omar$ lockstep replay approve'])
      expect(page).toContain(`\n${typed}`);
    expect(page).toContain('applyBatch  3            300              60        0');
    expect(page).not.toContain(place.data);
    for (const secret of secretsOf(place.data)) expect(page).not.toContain(secret);
  });

  it('leaves the shipped file alone, and nothing running', () => {
    expect(readFileSync(EXAMPLE, 'utf8')).not.toContain('(by hand)');
    expect(existsSync(join(place.data, 'temporal.pid'))).toBe(false);
    expect(existsSync(join(place.data, 'postgres', 'postmaster.pid'))).toBe(false);
  });
});

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => readFileSync(join(folder, name), 'utf8').trim());
}

/** Addresses of accounts are no secrets, and stand in the same folder. */
const secretsOf = (data: string): readonly string[] => filesOf(join(data, 'secrets')).filter((secret) => secret.length >= 12);
