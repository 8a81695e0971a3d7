/** Every rule of the house finds what breaks it and lets pass what does not: a border that cannot be crossed wrongly proves nothing. */
import { describe, expect, test } from 'vitest';
import { importsOf } from './imports.ts';
import { badNames } from './ground-rules.ts';
import { RULES } from './rules.ts';
import { sourceOf } from './sources.ts';
import type { House, Workspace } from './sources.ts';

const workspace = (folder: string, dependencies: readonly string[], devDependencies: readonly string[] = []): Workspace => ({
  folder,
  name: folder === '' ? 'lockstep' : `@lockstep/${folder.split('/')[1]}`,
  dependencies: new Set(dependencies),
  devDependencies: new Set(devDependencies),
});

const WORKSPACES = [
  workspace('', [], ['vitest', 'fast-check']),
  workspace('packages/domain', ['zod', 'mdast-util-from-markdown'], ['@types/mdast']),
  workspace('packages/store', ['@lockstep/domain', 'pg'], ['@lockstep/local-services']),
  workspace('apps/cli', ['@lockstep/api'], ['hono']),
  workspace('test', [], ['@lockstep/store']),
];

/** The breaches of one rule in sources of one small house. */
function breaches(rule: string, files: Readonly<Record<string, string>>): readonly string[] {
  const house: House = { sources: Object.entries(files).map(([path, text]) => sourceOf(path, text)), workspaces: WORKSPACES };
  return house.sources.flatMap((source) => RULES[rule]?.(source, house) ?? [`no rule ${rule}`]);
}

const from = (specifier: string, clause = '{ a }'): string => `import ${clause} from '${specifier}';\n`;

interface Sample {
  readonly rule: string;
  readonly path: string;
  readonly bad: string;
  readonly good: string;
}

const SAMPLES: readonly Sample[] = [
  { rule: 'borders', path: 'packages/domain/src/a.ts', bad: from('node:fs'), good: from('./b.ts') },
  { rule: 'borders', path: 'packages/domain/src/a.ts', bad: from('@lockstep/engine/run.ts', 'type { a }'), good: from('zod') },
  {
    rule: 'borders',
    path: 'packages/engine/src/a.ts',
    bad: from('@lockstep/store/store.ts'),
    good: from('@lockstep/domain/backlog/item.ts'),
  },
  {
    rule: 'borders',
    path: 'packages/engine/src/a.ts',
    bad: from('node:crypto'),
    good: from('@lockstep/domain/sync/json.ts', 'type { a }'),
  },
  {
    rule: 'borders',
    path: 'packages/workflows/src/a.ts',
    bad: from('@lockstep/engine/run.ts'),
    good: from('@lockstep/engine/run.ts', 'type { a }'),
  },
  {
    rule: 'borders',
    path: 'packages/workflows/src/a.ts',
    bad: from('@lockstep/engine/run.ts', '{ a, type b }'),
    good: from('@lockstep/engine/run.ts', '{ type a, type b }'),
  },
  { rule: 'borders', path: 'packages/workflows/src/a.ts', bad: from('@temporalio/client'), good: from('@temporalio/workflow') },
  { rule: 'borders', path: 'packages/connectors/src/jira/a.ts', bad: from('@lockstep/store/store.ts'), good: from('node:crypto') },
  {
    rule: 'borders',
    path: 'packages/store/src/a.ts',
    bad: from('@lockstep/engine/run.ts'),
    good: from('@lockstep/domain/sync/store.port.ts'),
  },
  { rule: 'borders', path: 'packages/store/src/a.ts', bad: from('@lockstep/local-services/testing.ts'), good: from('pg') },
  { rule: 'borders', path: 'packages/api/src/a.ts', bad: from('node:http'), good: from('hono') },
  { rule: 'borders', path: 'apps/cli/src/a.ts', bad: from('@lockstep/domain/plan/parse.ts'), good: from('@lockstep/api/client.ts') },
  { rule: 'borders', path: 'apps/cli/src/a.ts', bad: from('@temporalio/client'), good: from('node:fs') },
  { rule: 'borders', path: 'apps/console/src/a.ts', bad: from('node:fs'), good: from('@lockstep/api/client.ts') },
  { rule: 'borders', path: 'apps/simulator/src/a.ts', bad: from('@lockstep/domain/sync/json.ts', 'type { a }'), good: from('node:sqlite') },
  {
    rule: 'borders',
    path: 'apps/simulator/src/a.ts',
    bad: "const a = await import('@lockstep/connectors/jira/adf.ts');",
    good: "const a = await import('node:fs');",
  },
  { rule: 'paths', path: 'apps/worker/src/a.ts', bad: from('../../../packages/store/src/store.ts'), good: from('./http/api.ts') },
  { rule: 'paths', path: 'test/engine/a.ts', bad: from('../../packages/store/src/store.ts'), good: from('./bench.ts') },
  { rule: 'paths', path: 'test/specs/a.ts', bad: from('../../apps/cli/src/main.ts'), good: from('../../scripts/specs.ts') },
  { rule: 'vendors', path: 'packages/connectors/src/jira/a.ts', bad: from('../notion/wire.ts'), good: from('../http/transport.ts') },
  { rule: 'vendors', path: 'packages/connectors/src/http/a.ts', bad: from('../jira/wire.ts'), good: from('./pool.ts') },
  { rule: 'purity', path: 'packages/domain/src/sync/a.ts', bad: from('zod'), good: '' },
  { rule: 'purity', path: 'packages/domain/src/sync/a.schema.ts', bad: from('mdast-util-gfm'), good: from('zod') },
  { rule: 'purity', path: 'packages/domain/src/backlog/a.ts', bad: 'const a = Date.now();', good: '// Date.now() is not ours' },
  { rule: 'purity', path: 'packages/domain/src/backlog/a.ts', bad: 'const a = new Date();', good: 'const a = new Date(nowMs);' },
  {
    rule: 'purity',
    path: 'packages/domain/src/backlog/a.ts',
    bad: 'const a = await fetch(url);',
    good: 'const a = await pulls.fetch(ids);',
  },
  { rule: 'enginePurity', path: 'packages/engine/src/a.ts', bad: 'const a = Math.random();', good: 'const a = run.newId();' },
  {
    rule: 'workflowImports',
    path: 'packages/workflows/src/a.ts',
    bad: from('@lockstep/domain/sync/mapping.schema.ts'),
    good: from('@lockstep/domain/sync/mapping.schema.ts', 'type { a }'),
  },
  { rule: 'environment', path: 'apps/worker/src/main.ts', bad: 'const a = process.env;', good: 'const a = settings.apiPort;' },
  { rule: 'environment', path: 'packages/store/src/pool.ts', bad: "const a = process['env'];", good: 'const a = options.url;' },
  { rule: 'cycles', path: 'packages/domain/src/a.ts', bad: from('./a.ts'), good: from('./a.ts', 'type { a }') },
  { rule: 'dependencies', path: 'packages/domain/src/a.ts', bad: from('pg'), good: from('zod') },
  { rule: 'dependencies', path: 'packages/domain/src/a.ts', bad: from('mdast'), good: from('mdast', 'type { a }') },
  { rule: 'dependencies', path: 'packages/store/src/a.ts', bad: from('vitest'), good: from('pg') },
  { rule: 'dependencies', path: 'apps/cli/src/a.ts', bad: from('hono'), good: from('@lockstep/api/client.ts') },
  { rule: 'dependencies', path: 'test/engine/a.ts', bad: from('pg'), good: from('@lockstep/store/store.ts') },
  { rule: 'dependencies', path: 'apps/cli/src/a.test.ts', bad: from('pg'), good: from('hono') },
  { rule: 'length', path: 'packages/domain/src/a.ts', bad: 'a;\n'.repeat(301), good: 'a;\n'.repeat(300) },
  { rule: 'length', path: 'packages/workflows/src/backlog-sync/workflow.ts', bad: 'a;\n'.repeat(201), good: 'a;\n'.repeat(200) },
  { rule: 'exported', path: 'packages/domain/src/a.ts', bad: "export * from './b.ts';\n", good: "export { b } from './b.ts';\n" },
  { rule: 'exported', path: 'packages/domain/src/a.ts', bad: 'export default 1;\n', good: 'export const one = 1;\n' },
  {
    rule: 'testing',
    path: 'packages/store/src/a.test.ts',
    bad: 'await new Promise((go) => setTimeout(go, 50));',
    good: 'await expect.poll(read).toBe(1);',
  },
  { rule: 'testing', path: 'packages/store/src/a.test.ts', bad: from('node:timers/promises'), good: from('node:events') },
  { rule: 'testing', path: 'test/crashes/a.test.ts', bad: 'setTimeout(go, 50);', good: 'await go;' },
  { rule: 'testing', path: 'packages/store/src/a.test.ts', bad: "test.skip('a', b);", good: "test('a', b);" },
  { rule: 'testing', path: 'packages/store/src/a.test.ts', bad: "it.skipIf(true)('a', b);", good: "it.each([1])('a', b);" },
  { rule: 'testing', path: 'packages/store/src/a.ts', bad: `read('${['..', 'shared', 'plan'].join('/')}');`, good: "read('../plan');" },
];

describe('each rule finds its breach and lets the remedy pass', () => {
  test.for(SAMPLES)('$rule: $path: $bad', ({ rule, path, bad, good }) => {
    expect(breaches(rule, { [path]: good })).toEqual([]);
    const found = breaches(rule, { [path]: bad });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^[\w./-]+: .+\. Rule: .+\. Remedy: .+\.$/s);
  });

  test('every rule has a sample', () => {
    expect(new Set(SAMPLES.map(({ rule }) => rule))).toEqual(new Set(Object.keys(RULES)));
  });

  test('borders: a workspace without a row in the table is a breach by itself', () => {
    expect(breaches('borders', { 'packages/novelty/src/a.ts': '' })).toHaveLength(1);
  });

  test('cycles: of three, through a package, is told once; types and what only leads to it are none', () => {
    const [a, b, c] = ['packages/domain/src/a.ts', 'packages/domain/src/b.ts', 'apps/cli/src/c.ts'];
    const ring = { [a]: from('./b.ts'), [b]: from('@lockstep/cli/c.ts'), [c]: from('@lockstep/domain/a.ts') };
    const found = breaches('cycles', { ...ring, 'apps/cli/src/b.ts': from('./c.ts') });
    expect(found).toEqual([expect.stringContaining(`${c}: imports itself, by ${a} → ${b} → ${c}.`)]);
    expect(breaches('cycles', { ...ring, [c]: from('@lockstep/domain/a.ts', 'type { a }') })).toEqual([]);
  });

  test('testing: the contract suite may skip where its files are missing, and run only some nowhere', () => {
    expect(breaches('testing', { 'test/contract/a.test.ts': "describe.runIf(isThere)('a', b);" })).toEqual([]);
    expect(breaches('testing', { 'test/contract/a.test.ts': "describe.only('a', b);" })).toHaveLength(1);
  });

  test('what only tests import may use what is for development; one importer from production ends that', () => {
    const stand = { 'apps/cli/src/stand-in.ts': from('hono'), 'apps/cli/src/a.test.ts': from('./stand-in.ts') };
    expect(breaches('dependencies', stand)).toEqual([]);
    expect(breaches('dependencies', { ...stand, 'apps/cli/src/main.ts': from('./stand-in.ts') })).toHaveLength(1);
  });

  test.for(['utils.ts', 'text-helpers.ts', 'core', 'service.ts', 'sync-manager.test.ts', 'camelCase.ts', 'Big.ts', 'a.spec.ts'])(
    'names: %s is refused',
    (name) => {
      expect(badNames([`packages/domain/src/${name}`])).toHaveLength(1);
    },
  );

  test.for(['merge.ts', 'merge.test-prop.ts', 'mapping.schema.ts', 'local-services', 'connector.port.ts', '0001_sync.sql'])(
    'names: %s is good',
    (name) => {
      expect(badNames([`packages/domain/src/${name}`])).toEqual([]);
    },
  );
});

describe('imports are read as the formatter writes them', () => {
  test('of every form', () => {
    const text = [
      "import { a } from 'one';",
      "import type { b } from 'two';",
      "import {\n  c,\n  type d,\n} from 'three';",
      "import 'four';",
      "export { e } from 'five';",
      "export * from 'six';",
      "export * as f from 'seven';",
      "const g = await import('eight');",
      "const h: typeof import('nine') = g;",
      "// import { i } from 'ten';",
      " * import { j } from 'eleven'",
    ].join('\n');
    expect(importsOf(text)).toEqual(
      expect.arrayContaining([
        { specifier: 'one', isType: false, isStar: false },
        { specifier: 'two', isType: true, isStar: false },
        { specifier: 'three', isType: false, isStar: false },
        { specifier: 'four', isType: false, isStar: false },
        { specifier: 'five', isType: false, isStar: false },
        { specifier: 'six', isType: false, isStar: true },
        { specifier: 'seven', isType: false, isStar: false },
        { specifier: 'eight', isType: false, isStar: false },
        { specifier: 'nine', isType: true, isStar: false },
      ]),
    );
    expect(importsOf(text)).toHaveLength(9);
  });
});
