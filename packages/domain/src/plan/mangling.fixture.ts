/**
 * Plans as crashes, editors and people leave them, and what holds of every text whatever it is: for the properties of the parser and the editor.
 */
import fc from 'fast-check';
import { parsePlan } from './parse.ts';
import type { Plan, PlanItem } from './plan.ts';
import { PlanError } from './plan-error.ts';

/** What makes Markdown take a text for something else. */
const FRAGMENTS = [
  '|',
  '\\|',
  '\\',
  '`',
  '```\n',
  '~~~',
  '**',
  '*',
  '- ',
  '- [ ] ',
  '- [',
  '  ',
  '\t',
  '\n',
  '\n\n',
  '\r',
  '> ',
  '#',
  '## ',
  '### Phase 1: Again\n',
  '**Objective:** ',
  '**Exit Gate:** ',
  '<!--',
  '-->',
  '<br>',
  '<div>',
  '&amp;',
  '&#124;',
  '[x]: /y',
  '---\n',
  '|---|---|\n',
  '| Task | Owner |\n',
  'T001 ',
  '\uFEFF',
  '\0',
  '\u2028',
  'é',
  '👩‍👩‍👧',
  '\uD800',
  'ہ',
] as const;

type Mangle = (text: string) => string;

const place = fc.nat({ max: 1_000_000 });

/** Deletes, repeats, swaps and inserts lines and characters; changes line ends; puts something in front; cuts off the end. */
const mangle: fc.Arbitrary<Mangle> = fc.oneof(
  {
    weight: 3,
    arbitrary: place.map(
      (at): Mangle =>
        (text) =>
          byLines(text, (lines) => lines.toSpliced(at % lines.length, 1)),
    ),
  },
  {
    weight: 2,
    arbitrary: place.map(
      (at): Mangle =>
        (text) =>
          byLines(text, (lines) => lines.toSpliced(at % lines.length, 0, lines[at % lines.length] ?? '')),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(place, place).map(
      ([one, other]): Mangle =>
        (text) =>
          byLines(text, (lines) => swapped(lines, one, other)),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(place, fc.nat({ max: 6 })).map(
      ([at, length]): Mangle =>
        (text) =>
          text.slice(0, at % (text.length + 1)) + text.slice((at % (text.length + 1)) + length),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(place, fc.constantFrom(...FRAGMENTS)).map(
      ([at, fragment]): Mangle =>
        (text) =>
          text.slice(0, at % (text.length + 1)) + fragment + text.slice(at % (text.length + 1)),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Mangle>((text) => text.replaceAll(/\r?\n/g, '\r\n')) },
  { weight: 1, arbitrary: fc.constant<Mangle>((text) => `\uFEFF${text}`) },
  { weight: 1, arbitrary: fc.constant<Mangle>((text) => `---\ntitle: "a | b"\n---\n${text}`) },
  {
    weight: 1,
    arbitrary: place.map(
      (at): Mangle =>
        (text) =>
          text.slice(0, at % (text.length + 1)),
    ),
  },
);

/** One of the texts, mangled up to four times. */
export function mangled(texts: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(mangle, { maxLength: 4 }))
    .map(([text, mangles]) => mangles.reduce((before, next) => next(before), text));
}

function byLines(text: string, change: (lines: readonly string[]) => readonly string[]): string {
  return change(text.split('\n')).join('\n');
}

function swapped(lines: readonly string[], one: number, other: number): readonly string[] {
  const left = one % lines.length;
  const right = other % lines.length;
  return lines.with(left, lines[right] ?? '').with(right, lines[left] ?? '');
}

/** The plan, or null where it is refused as the parser may refuse: by its own error, with a line that the text has. Anything else is thrown. */
export function parsedOrRefused(text: string): Plan | null {
  try {
    return parsePlan(text, 'tasks.md');
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    const lines = text.split(/\r\n|\r|\n/).length;
    if (error.line < 1 || error.line > lines || !error.message.startsWith(`tasks.md:${error.line}: expected `))
      throw new Error(`expected a refusal with a line of 1 to ${lines}, got: ${error.message}`, { cause: error });
    return null;
  }
}

/** An item of a plan by any number; null for a plan without items. */
export function anyItem(plan: Plan, number: number): PlanItem | null {
  return plan.items.length === 0 ? null : (plan.items[number % plan.items.length] ?? null);
}

/** Values that a place can be asked to hold. */
export const value: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ maxLength: 4 }), fc.constantFrom('word', 'Ann + Bo', ' ')), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => parts.join(''))
  .filter((text) => text.isWellFormed() && !text.includes('\0'));
