import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import type { Plugin, TestProjectInlineConfiguration } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

/** What Node has made of a source (types taken out, compiled) is kept for the next process: tests start hundreds. scripts/bootstrap.mjs does the same. */
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/node', import.meta.url));

/** Tests that take minutes each run in the long lane only (`npm run test:long`). */
const kinds = process.env['LOCKSTEP_LONG'] === undefined ? 'test,test-prop' : 'test,test-prop,test-long';

/**
 * Three files at a time on two cores: a test asks, and PostgreSQL, Temporal or a process of its own answers, so that two files leave a good part of them idle.
 * No more than half of many cores: each has servers beside it. Files share a process, and what it has loaded and compiled: half of a processor's work for a
 * small file was to load the same sources again. No file may leave anything behind (docs/decisions/0020).
 */
const shared: TestProjectInlineConfiguration['test'] = {
  maxWorkers: Math.max(3, Math.floor(availableParallelism() / 2)),
  isolate: false,
  globalSetup: ['packages/local-services/src/test-engines.ts'],
  setupFiles: ['test/seed.ts', 'apps/worker/src/without-call-stacks.ts'],
  pool: 'forks',
  testTimeout: 60_000,
  hookTimeout: 120_000,
};

/**
 * Libraries as Node itself resolves them: those that people run. vitest asks for development builds; micromark's is full of assertions. It adds the condition to
 * what a configuration says, so that it is taken out where all is said.
 */
const asNodeDoes: { readonly plugins: Plugin[] } = {
  plugins: [
    {
      name: 'lockstep:as-node-does',
      configResolved(config) {
        for (const { resolve } of [config.ssr, ...Object.values(config.environments)])
          if (resolve?.conditions !== undefined) resolve.conditions = resolve.conditions.filter((name) => !name.startsWith('development'));
      },
    },
  ],
};

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        ...asNodeDoes,
        test: {
          ...shared,
          name: 'main',
          include: [`{packages,apps}/*/src/**/*.{${kinds}}.ts`, `test/**/*.{${kinds}}.ts`],
          exclude: ['test/contract/**', '**/node_modules/**'],
        },
      },
      /** Reads ../shared: the vendors' contracts and the customer's plan. Fails loudly where they are missing. */
      { ...asNodeDoes, test: { ...shared, name: 'contract', include: ['test/contract/**/*.test.ts'] } },
    ],
  },
});
