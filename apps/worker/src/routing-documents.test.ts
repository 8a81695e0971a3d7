import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Problem } from '@lockstep/domain/routing/problem.ts';
import { problemText } from '@lockstep/domain/routing/problem.ts';
import type { RoutingCheck } from '@lockstep/api/routing-schemas.ts';
import { createHolidaySource } from '@lockstep/connectors/calendar/holidays.ts';
import { calendarPart } from '@lockstep/domain/routing/roster.ts';
import type { Person } from '@lockstep/domain/routing/roster.schema.ts';
import { ConfigError } from './config.ts';
import { checkDocuments } from './routing-check.ts';
import type { CheckParts } from './routing-check.ts';
import { readDocument, watchDocuments } from './routing-documents.ts';
import type { DocumentKind, LoadedDocuments } from './routing-documents.ts';

const example = (kind: DocumentKind): string =>
  readFileSync(fileURLToPath(new URL(`../../../examples/routing/${kind}.yaml`, import.meta.url)), 'utf8');
const lineOf = (text: string, part: string): number => text.slice(0, text.indexOf(part)).split('\n').length;

describe('a document', () => {
  it.each(['scoring', 'roster', 'policy', 'slas'] as const)('%s of the examples loads', (kind) => {
    const { body, problems } = readDocument(kind, { name: `${kind}.yaml`, text: example(kind) });
    expect(problems).toEqual([]);
    expect(body?.version).toMatch(/./);
  });

  it('tells what is wrong by file and line: what, expected, got, and what to do', () => {
    const text = example('roster').replace('capacity: 25', 'capacity: many');
    const [problem, ...more] = readDocument('roster', { name: 'roster.yaml', text }).problems;
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ file: 'roster.yaml', line: lineOf(text, 'capacity: many'), path: 'people[0].capacity', got: '"many"' });
    expect(problemText(problem as Problem)).toMatch(/^roster\.yaml:\d+: people\[0\]\.capacity: expected .+, got "many"; mend it/);
  });

  it('that is not YAML says where it stops being it, and one that lacks something names the line of what lacks it', () => {
    expect(readDocument('policy', { name: 'policy.yaml', text: 'version: 1\nrules: [\n' }).problems[0]).toMatchObject({ line: 3 });
    const text = 'version: "1"\npeople:\n  - id: ines\n';
    expect(readDocument('roster', { name: 'r', text }).problems.find(({ path }) => path === 'people[0].email')).toMatchObject({ line: 3 });
  });

  it.each(['', 'null', '7', '[]', '&a [*a]'])('%j is no document, and breaks nothing', (text) => {
    expect(readDocument('scoring', { name: 's', text }).body).toBeNull();
  });
});

describe('documents in their files', () => {
  let directory: string;
  let stop: (() => void) | undefined;
  const file = (kind: DocumentKind): string => join(directory, `${kind}.yaml`);
  const put = (kind: DocumentKind, text: string): void => {
    writeFileSync(`${file(kind)}.new`, text);
    renameSync(`${file(kind)}.new`, file(kind));
  };
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lockstep-routing-'));
    for (const kind of ['scoring', 'roster', 'policy'] as const) put(kind, example(kind));
  });
  afterEach(() => {
    stop?.();
    stop = undefined;
    rmSync(directory, { recursive: true });
  });
  const watching = () => {
    const [changes, problems]: [[LoadedDocuments, LoadedDocuments][], Problem[]] = [[], []];
    const files = { scoring: file('scoring'), roster: file('roster'), policy: file('policy'), slas: null };
    const watched = watchDocuments({
      ...{ files, quietMs: 10 },
      onChange: (before, after) => void changes.push([before, after]),
      onProblems: (found) => void problems.push(...found),
    });
    stop = () => watched.stop();
    return { watched, changes, problems };
  };

  it('are in force when they have changed, and those that do not load any more change nothing and are told', async () => {
    const { watched, changes, problems } = watching();
    const before = watched.current();
    put('roster', example('roster').replace('capacity: 25', 'capacity: many'));
    await expect.poll(() => problems).toMatchObject([{ file: 'roster.yaml', path: 'people[0].capacity' }]);
    expect([watched.current(), changes]).toEqual([before, []]);
    put('roster', example('roster').replace('capacity: 25', 'capacity: 7'));
    await expect.poll(() => changes).toHaveLength(1);
    expect(watched.current().roster?.people[0]?.capacity).toBe(7);
    expect(changes[0]).toEqual([before, watched.current()]);
  });

  it('65 that do not load to begin with stop the start, with every problem of every file', () => {
    put('scoring', 'version: 1');
    rmSync(file('policy'));
    expect(watching).toThrow(ConfigError);
    expect(watching).toThrow(/scoring\.yaml:1: .*\n.*policy\.yaml: expected a readable file, got none/s);
  });

  it('are checked against each other, those that are given in the place of those that lie there', async () => {
    const { watched } = watching();
    const parts = checkParts(watched.texts);
    const errors = ({ problems }: RoutingCheck) => problems.filter(({ severity }) => severity === 'error');
    const clean = await checkDocuments({}, parts);
    expect(errors(clean)).toEqual([]);
    expect(clean.documents.map(({ kind }) => kind)).toEqual(['scoring', 'roster', 'policy']);
    const text = example('policy').replaceAll("'person:ruth'", "'person:nobody'");
    expect(text).not.toBe(example('policy'));
    const found = errors(await checkDocuments({ policy: { name: 'next.yaml', text } }, parts));
    expect(found.length).toBeGreaterThan(0);
    for (const { file: name, line } of found) expect([name, line]).toEqual(['next.yaml', expect.any(Number)]);
    expect(watched.texts().policy?.text).toBe(example('policy'));
  });

  it('15 hours of the coming weeks in which a lead finds nobody at work are told, with every span, for each pool and service level', async () => {
    const { problems, hours } = await checkDocuments({}, checkParts(watching().watched.texts));
    expect([hours?.from, hours?.to]).toEqual(['2026-11-29T12:00:00.000Z', '2026-12-27T12:00:00.000Z']);
    const expansion = hours?.uncovered.filter(({ poolId }) => poolId === 'expansion') ?? [];
    expect(expansion.length).toBeGreaterThan(0);
    for (const { spans, totalMs, zone } of expansion) {
      expect(zone).toBe('Europe/Stockholm');
      expect(spans.reduce((sum, { from, to }) => sum + Date.parse(to) - Date.parse(from), 0)).toBe(totalMs);
    }
    const told = problems.filter(({ expected }) => expected.startsWith('somebody at work at every hour for leads of pool expansion'));
    expect(told.map(({ severity, file: name, line }) => [severity, name, typeof line])).toContainEqual([
      'warning',
      'roster.yaml',
      'number',
    ]);
  });

  it('a region whose holidays nobody knows is an error with its line, and no hours are told by it', async () => {
    const text = example('roster').replace('holidays: DE-BY', 'holidays: DE-XX');
    const { problems, hours } = await checkDocuments({ roster: { name: 'r.yaml', text } }, checkParts(watching().watched.texts));
    expect(problems[0]).toMatchObject({
      severity: 'error',
      file: 'r.yaml',
      line: lineOf(text, 'holidays: DE-XX'),
      path: 'people[0].holidays',
      got: 'DE-XX',
    });
    expect(hours).toBeNull();
  });
});

/** By the roster and the holidays alone. */
function checkParts(texts: CheckParts['texts']): CheckParts {
  const holidays = createHolidaySource();
  const calendarOf = ({ holidays: region, ...person }: Person) => ({
    ...calendarPart(person),
    holidays: region === null ? [] : holidays.holidaysOf(region, [2026]),
  });
  return {
    ...{ texts, holidays, connections: ['hubspot'], now: () => '2026-11-29T12:00:00.000Z' },
    calendarsOf: async ({ people }) => new Map(people.map((person) => [person.id, calendarOf(person)])),
  };
}
