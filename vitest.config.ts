import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/src/**/*.test-prop.ts', 'apps/*/src/**/*.test.ts', 'test/**/*.test.ts', 'test/**/*.test-prop.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
