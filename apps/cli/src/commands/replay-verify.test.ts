import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { emptyDirectory, lockstep } from '../program-run.ts';

const HISTORY = fileURLToPath(new URL('../../../../test/replay/histories/changeSet.committed.1.json', import.meta.url));

/** A history of code that called this activity otherwise. */
function otherHistory(): string {
  const file = join(emptyDirectory(), 'other.json');
  writeFileSync(file, readFileSync(HISTORY, 'utf8').replaceAll('"judgeSet"', '"weighSet"'));
  return file;
}

describe('lockstep replay verify', () => {
  it('ends in 0 where every history replays with this code', async () => {
    const { code, stdout, stderr } = await lockstep(['replay', 'verify', HISTORY]);
    expect(stdout, stderr).toBe('1 history: each replays with this code\n');
    expect(code).toBe(0);
  });

  it('E10 ends in 6 where one does not, and says which, at which event, what it holds and what the code wanted', async () => {
    const { code, stdout, stderr } = await lockstep(['--json', 'replay', 'verify', HISTORY, otherHistory()]);
    expect(JSON.parse(stdout), stderr).toMatchObject({
      ...{ checked: 2, same: 1, different: 1, failed: 0 },
      histories: [
        {
          workflowId: 'other',
          workflowType: 'changeSet',
          eventId: 11,
          held: 'ActivityTaskScheduled weighSet',
          said: expect.stringContaining("'judgeSet'"),
        },
      ],
    });
    expect(code).toBe(6);
  });

  it('says which file is no history, and which setting is missing', async () => {
    const file = join(emptyDirectory(), 'no.json');
    writeFileSync(file, '{"events":');
    const bad = await lockstep(['replay', 'verify', file]);
    expect(bad).toMatchObject({ code: 1, stderr: expect.stringContaining(`${file}: expected a history as JSON`) });
    const none = await lockstep(['replay', 'verify']);
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('expected LOCKSTEP_ENCRYPTION_KEYS to be set') });
  });
});
