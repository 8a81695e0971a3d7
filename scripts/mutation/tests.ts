/** The tests of the merge, of the document editor, of change sets and of routing, for the mutation lane's copy of the domain. */
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
  test: { include: ['packages/domain/src/{backlog,crm,plan,routing}/**/*.{test,test-prop}.ts'], testTimeout: 60_000 },
});
