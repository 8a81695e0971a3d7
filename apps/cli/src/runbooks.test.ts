/** Every command that a runbook, the README or a decision names is one that there is, with options that it has. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from './program.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

interface Named {
  readonly place: string;
  /** Behind `lockstep`. */
  readonly words: readonly string[];
}

/** In fences a line that begins with it, behind a prompt and what it is given in its environment; elsewhere what stands in back-ticks. */
const IN_FENCE = /^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:npm run )?lockstep (?:-- )?(.+)$/;
const IN_WORDS = /`(?:npm run )?lockstep (?:-- )?([^`]+)`/g;

function namedIn(file: string): readonly Named[] {
  let isFenced = false;
  return readFileSync(join(ROOT, file), 'utf8')
    .split('\n')
    .flatMap((line, index): readonly Named[] => {
      if (line.trimStart().startsWith('```')) {
        isFenced = !isFenced;
        return [];
      }
      const found = isFenced ? [IN_FENCE.exec(line)?.[1] ?? []].flat() : [...line.matchAll(IN_WORDS)].map(([, text = '']) => text);
      return found.map((text) => ({ place: `${file}:${index + 1}`, words: wordsOf(text) }));
    });
}

/** Up to what goes to another program, or is said of the command; quoted texts are one word. */
function wordsOf(text: string): readonly string[] {
  const [command = ''] = text.split(/\s(?:\||#|>|&&)\s|\s{2,}/);
  return [...command.matchAll(/"[^"]*"|'[^']*'|\S+/g)].map(([word]) => word);
}

/** What of it there is not; null where there is all. */
function problemOf(program: Command, words: readonly string[]): string | null {
  let at = program;
  let left = words[0] === 'help' ? words.slice(1) : words;
  for (;;) {
    const next = at.commands.find((one) => one.name() === left[0] || one.aliases().includes(left[0] ?? ''));
    if (next === undefined) break;
    at = next;
    left = left.slice(1);
  }
  // One that others stand under, and that does nothing itself, is named as a whole.
  if (at === program && left.some((word) => /^[a-z]/.test(word))) return `expected a command, got ${left[0] ?? ''}`;
  const known = new Set([...at.options, ...program.options].flatMap(({ long, short }) => [long, short]));
  const unknown = left.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.split('=')[0] ?? word);
  const missing = unknown.filter((flag) => !known.has(flag) && flag !== '--help' && flag !== '-h');
  return missing.length === 0 ? null : `${at.name()}: expected options that it has, got ${missing.join(', ')}`;
}

const FILES = ['README.md', ...readdirSync(join(ROOT, 'docs/runbooks')).map((name) => `docs/runbooks/${name}`)].filter((name) =>
  name.endsWith('.md'),
);

test.for(FILES)('%s names commands that there are, with options that they have', (file) => {
  const program = createProgram();
  const problems = namedIn(file).flatMap(({ place, words }) => {
    const problem = problemOf(program, words);
    return problem === null ? [] : [`${place}: ${problem}`];
  });
  expect(problems).toEqual([]);
});

test('a command that there is not, and an option that it has not, are found', () => {
  const program = createProgram();
  expect(problemOf(program, ['stauts'])).toContain('stauts');
  expect(problemOf(program, ['replay', 'run', '--dryrun'])).toContain('--dryrun');
  expect(problemOf(program, ['replay', 'run', '--run', '--json'])).toBeNull();
  expect(namedIn('README.md').length).toBeGreaterThan(10);
});
