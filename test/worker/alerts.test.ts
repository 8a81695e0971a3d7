/** The alert rules of deploy/alerts against the worker: names, runbooks, and thresholds that a bad hour crosses and a quiet one does not. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { useTestStore } from '@lockstep/store/testing.ts';
import { openFiguresDesk, samplesOf } from './figures-desk.ts';
import type { FiguresDesk } from './figures-desk.ts';
import { fires, metricsOf } from './rule-expression.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ruleSchema = z.strictObject({
  alert: z.string().regex(/^Lockstep[A-Z]\w+$/),
  expr: z.string(),
  for: z.string().regex(/^\d+[mhd]$/),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning', 'info']) }),
  annotations: z.strictObject({ summary: z.string().min(10), runbook_url: z.string() }),
});
const rules = z
  .strictObject({ groups: z.array(z.strictObject({ name: z.string(), rules: z.array(ruleSchema).min(1) })).min(1) })
  .parse(parse(readFileSync(resolve(ROOT, 'deploy/alerts/lockstep.rules.yaml'), 'utf8')))
  .groups.flatMap((group) => group.rules);
/** Prometheus' own word on a scrape. */
const NOT_OURS = ['up'];
const DOWN = 'up{job="lockstep"}';

const database = useTestStore();
let desks: readonly FiguresDesk[];
let [quiet, bad] = ['', ''];

beforeAll(async () => {
  desks = [await openFiguresDesk(database, 'quiet'), await openFiguresDesk(database, 'bad')];
  [quiet = '', bad = ''] = await Promise.all(desks.map((desk) => desk.get('/metrics')));
});
afterAll(async () => void (await Promise.all(desks.map((desk) => desk.close()))));

test('every alert is there once', () => {
  const names = rules.map(({ alert }) => alert);
  expect(new Set(names).size).toBe(names.length);
});

test.for(rules)('$alert asks for metrics that the worker has', ({ expr }) => {
  const known = [...bad.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name);
  for (const name of metricsOf(expr)) expect([...known, ...NOT_OURS]).toContain(name);
});

test.for(rules)('$alert leads to a runbook that is there', ({ annotations }) => {
  const [file = '', anchor] = annotations.runbook_url.split('#');
  expect(existsSync(resolve(ROOT, file))).toBe(true);
  const headings = [...readFileSync(resolve(ROOT, file), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  expect([...headings, undefined]).toContain(anchor);
});

test.for(rules)('$alert fires in a bad hour, and not in a quiet one', ({ expr }) => {
  const before = new Map([...samplesOf(quiet), [DOWN, 1]]);
  expect([fires(expr, before, before), fires(expr, before, new Map([...samplesOf(bad), [DOWN, 0]]))]).toEqual([false, true]);
});

test('an expression of another form is refused, not passed over', () => {
  expect(() => metricsOf('sum(lockstep_owed_writes) > 3')).toThrow('expected a form');
});
