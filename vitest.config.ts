import { defineConfig } from 'vitest/config'

/** Tests that need MariaDB or Redis; `npm test` leaves them out, `npm run test:services` runs them. */
const SERVICE_TESTS = 'test/services/**/*.test.ts'

export default defineConfig({
  resolve: {
    // Vite prefers graphql's .mjs while Apollo requires its .js: two realms of one library.
    alias: { graphql: 'graphql/index.js' },
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: process.env.DBSBM_TEST_SERVICES ? [] : [SERVICE_TESTS],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 2,
    server: { deps: { inline: [/@pothos/, /@apollo/] } },
  },
})
