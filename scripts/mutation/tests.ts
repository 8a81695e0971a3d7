/** The tests of the area that is mutated (scripts/mutate.mjs), in the mutation lane's copy of the domain. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^fast-check$/, replacement: here('few-runs.ts') },
      { find: 'fast-check-itself', replacement: here('node_modules/fast-check/lib/fast-check.js') },
    ],
  },
  test: { include: [process.env['LOCKSTEP_MUTATION_TESTS'] ?? 'packages/domain/src/**/*.{test,test-prop}.ts'], testTimeout: 60_000 },
});
