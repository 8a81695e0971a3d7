/** The data directory: what is refused, and that a refusal leaves nothing behind that the next start would stumble over. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openData } from './data.ts';
import { LaunchError } from './errors.ts';

const PLAN = '# P\n\n## Backlog\n\n| Task | Owner |\n|---|---|\n| Dig | Ann |\n';

describe('the data directory', () => {
  let folder = '';
  const at = (name: string): string => join(folder, name);
  const open = (planSource: string, fresh = false) => openData(at('data'), { fresh, planSource });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lockstep-data-'));
    writeFileSync(at('plan.md'), PLAN);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('holds a copy of the plan, byte for byte, and secrets that only their owner can read', () => {
    const data = open(at('plan.md'));
    expect(readFileSync(data.planFile, 'utf8')).toBe(PLAN);
    const reference = data.secret('token');
    expect(statSync(reference.slice('file:'.length)).mode & 0o777).toBe(0o600);
    expect(open(at('plan.md')).secret('token')).toBe(reference);
  });

  it.each([
    ['a file that is not there', null, /expected a readable file/],
    ['a half-saved plan', '# P\n\n| Task | Owner |\n|---|---|\n| Dig |', /bad\.md:5: expected a row of 2 cells, got 1/],
    ['prose', 'Nothing but words.\n', /bad\.md: expected a plan .* got no items/],
  ])('refuses %s, says where and what was expected, and makes nothing', (_what, text, message) => {
    if (text !== null) writeFileSync(at('bad.md'), text);
    expect(() => open(at('bad.md'))).toThrow(LaunchError);
    expect(() => open(at('bad.md'))).toThrow(message);
    expect(existsSync(at('data'))).toBe(false);
  });

  it('refuses a folder with other files, also with --fresh, and leaves it alone', () => {
    expect(() => openData(folder, { fresh: false, planSource: at('plan.md') })).toThrow(
      /expected a Lockstep data directory or an empty folder/,
    );
    expect(() => openData(folder, { fresh: true, planSource: at('plan.md') })).toThrow(/left alone/);
    expect(readdirSync(folder)).toEqual(['plan.md']);
  });

  it('refuses another plan than the one it was begun with, and begins anew with --fresh', () => {
    open(at('plan.md')).save({ storyTold: true });
    writeFileSync(at('other.md'), PLAN.replace('Dig', 'Delve'));
    expect(() => open(at('other.md'))).toThrow(/was begun with .*plan\.md/);
    const fresh = open(at('other.md'), true);
    expect(readFileSync(fresh.planFile, 'utf8')).toContain('Delve');
    expect(fresh.state.storyTold).toBe(false);
  });
});
