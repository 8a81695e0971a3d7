import { lstatSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkOut, THIS_CHECKOUT } from './checkout.ts';
import { DEPLOY_81, DEPLOY_82 } from './story/replay.ts';

const FILE = 'apps/worker/src/failures.ts';
const LINE = 'const FRAMES = 3;';

function directory(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-checkout-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'deploys', '81');
}

test('another deploy differs in its lines and in nothing else; what is installed is linked, and goes with the link', () => {
  const root = directory();
  checkOut(root, [{ file: FILE, from: LINE, to: 'const FRAMES = 4;' }]);
  const ours = readFileSync(join(THIS_CHECKOUT, FILE), 'utf8');
  expect(readFileSync(join(root, FILE), 'utf8')).toBe(ours.replace(LINE, 'const FRAMES = 4;'));
  expect(lstatSync(join(root, 'node_modules')).isSymbolicLink()).toBe(true);
  // Made anew: nothing is left of the last one, and nothing of ours is touched.
  checkOut(root, []);
  expect(readFileSync(join(root, FILE), 'utf8')).toBe(ours);
  rmSync(root, { recursive: true });
  expect(readFileSync(join(THIS_CHECKOUT, FILE), 'utf8')).toBe(ours);
});

test('an edit of a line that is gone, or stands there twice, is refused with the line', () => {
  for (const from of ['no such line', 'return'])
    expect(() => checkOut(directory(), [{ file: FILE, from, to: '' }])).toThrow(`${FILE}: expected the line "${from}" once`);
});

test('the deploys of the story edit lines that there are', () => {
  for (const edits of [DEPLOY_81, DEPLOY_82]) expect(() => checkOut(directory(), edits)).not.toThrow();
});
