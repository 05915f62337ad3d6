import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    // Vite prefers graphql's .mjs while Apollo requires its .js: two realms of one library.
    alias: { graphql: 'graphql/index.js' },
  },
  test: {
    testTimeout: 60_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 2,
    server: { deps: { inline: [/@pothos/, /@apollo/] } },
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/services/**', 'test/browser/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'prove',
          include: ['test/prove/**/*.prove.ts'],
          testTimeout: 3_600_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          globalSetup: ['scripts/require-services.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'services',
          include: ['test/services/**/*.test.ts'],
          globalSetup: ['scripts/require-services.ts'],
        },
      },
    ],
  },
})
