/**
 * `node scripts/specs.ts`: writes beside each law and hard case of docs/specs/*.md the tests whose titles start with its number. With `--check` it
 * writes nothing and fails where the page and the tests have drifted apart. No dependency.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const SPECS = join(ROOT, 'docs', 'specs');
const NUMBER = '(?:[SRCQ]\\d{1,2}|[A-K]\\d{2}|\\d{2})';
/** A test's or a group's title: a string literal right after `it(`, `test(`, `describe(`, `it.each(…)(`, `it.prop(…)(`. */
const TITLE = /\b(?:it|test|describe)(?:\.\w+)*(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gsu;
/** Hard cases without a letter are named in full, unless they stand first: a number may begin the words of a title. */
const LETTERED = '(?:[SRCQ]\\d{1,2}|[A-K]\\d{2}|case \\d{2})';
const LEADING = new RegExp(`^((?:case )?${NUMBER}(?:(?:\\s*(?:,|–|-|/|and)\\s*|\\s+)${LETTERED})*)(?=[\\s:]|$)`, 'u');
const TRAILING = new RegExp(`\\((${NUMBER}(?:,\\s*${NUMBER})*)\\)`, 'gu');
const ENTRY = new RegExp(`^- \\*{0,2}(${NUMBER})\\b`, 'u');
const PROOF = '  - ';
const NONE = `${PROOF}no test yet`;

/** A test's title, with the numbers of the laws and cases that it proves. */
export interface Title {
  /** Path of the test's file from the root. */
  readonly file: string;
  readonly text: string;
  readonly numbers: readonly string[];
}

/** Every number of a page that no test proves. */
function unproven(page: string): readonly string[] {
  return page.split('\n').flatMap((line, index, lines) => (lines[index + 1] === NONE ? (ENTRY.exec(line)?.[1] ?? []) : []));
}

/** The page with the proofs of today's tests. */
export function withProofs(page: string, titles: readonly Title[]): string {
  const lines = page.split('\n').filter((line) => !line.startsWith(PROOF));
  return lines
    .flatMap((line, index) => {
      const number = ENTRY.exec(line)?.[1];
      const continues = lines[index + 1]?.startsWith('  ') ?? false;
      if (number === undefined && !(line.startsWith('  ') && !continues)) return [line];
      if (number !== undefined && continues) return [line];
      const of = number ?? entryAbove(lines, index);
      return of === undefined ? [line] : [line, ...proofs(of, titles)];
    })
    .join('\n');
}

function entryAbove(lines: readonly string[], index: number): string | undefined {
  for (let at = index; at >= 0 && lines[at]?.startsWith('  '); at -= 1) {
    const number = ENTRY.exec(lines[at - 1] ?? '')?.[1];
    if (number !== undefined) return number;
  }
  return undefined;
}

function proofs(number: string, titles: readonly Title[]): readonly string[] {
  const found = titles.filter((title) => title.numbers.includes(number));
  if (found.length === 0) return [NONE];
  return [...Map.groupBy(found, (title) => title.file)].map(
    ([file, there]) => `${PROOF}\`${file}\`: ${there.map(({ text }) => text.replaceAll(/\s+/g, ' ')).join(' · ')}`,
  );
}

/** The numbers of the laws and cases that a page lists, in its order. */
export function entriesOf(page: string): readonly string[] {
  return page.split('\n').flatMap((line) => ENTRY.exec(line)?.[1] ?? []);
}

/** The numbers that a title proves: those at its beginning, ranges included, and those in parentheses. */
export function numbersOf(title: string): readonly string[] {
  const leading = LEADING.exec(title)?.[1] ?? '';
  const range = new RegExp(`^([A-Z])(\\d+)\\s*[–-]\\s*\\1(\\d+)$`, 'u').exec(leading);
  const [, letter = '', first = '', last = ''] = range ?? [];
  const spread = range === null ? [] : spreadOf(letter, first, last);
  const named = leading.match(new RegExp(NUMBER, 'gu')) ?? [];
  const trailing = leading === '' ? [] : [...title.matchAll(TRAILING)].flatMap((match) => (match[1] ?? '').split(/,\s*/));
  return [...new Set([...spread, ...named, ...trailing])];
}

function spreadOf(letter: string, first: string, last: string): readonly string[] {
  return Array.from(
    { length: Number(last) - Number(first) + 1 },
    (_, index) => `${letter}${String(Number(first) + index).padStart(first.length, '0')}`,
  );
}

/**
 * The titles of all tests below a root that prove a number of this page. C10 is a hard case of the sync and a law of change sets: which of them a title
 * means, its file says.
 */
export function titlesFor(page: string, root: string): readonly Title[] {
  const isMeant = (file: string): boolean => ABOUT_CHANGE_SETS.test(file) === ABOUT_CHANGE_SETS.test(page);
  return titlesOf(root).map((title) => ({ ...title, numbers: title.numbers.filter((number) => number !== 'C10' || isMeant(title.file)) }));
}

const ABOUT_CHANGE_SETS = /change-set|\/crm\//;

function titlesOf(root: string): readonly Title[] {
  const folders = ['packages', 'apps', 'test'].map((name) => join(root, name));
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.test(-prop|-long)?\.tsx?$/.test(entry.name) && !entry.parentPath.includes('node_modules'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  return files
    .toSorted((left, right) => (left < right ? -1 : 1))
    .flatMap((path) => {
      const file = relative(root, path);
      return [...readFileSync(path, 'utf8').matchAll(TITLE)].flatMap((match) => {
        const text = (match[2] ?? '').replaceAll(/\\(.)/gu, '$1');
        const numbers = numbersOf(text);
        return numbers.length === 0 ? [] : [{ file, text, numbers }];
      });
    });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const isCheck = process.argv.includes('--check');
  for (const name of readdirSync(SPECS).filter((file) => file.endsWith('.md'))) {
    const file = join(SPECS, name);
    const page = readFileSync(file, 'utf8');
    const wanted = withProofs(page, titlesFor(name, ROOT));
    if (wanted === page) continue;
    if (isCheck) {
      process.stderr.write(`docs/specs/${name}: expected the tests of today, got others. Run \`node scripts/specs.ts\`\n`);
      process.exitCode = 1;
    } else writeFileSync(file, wanted);
  }
  if (!isCheck) {
    for (const name of readdirSync(SPECS).filter((file) => file.endsWith('.md')))
      process.stdout.write(
        `docs/specs/${name}: without a test: ${unproven(readFileSync(join(SPECS, name), 'utf8')).join(' ') || 'none'}\n`,
      );
  }
}
