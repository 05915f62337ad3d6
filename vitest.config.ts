import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// What the many processes of the tests compile and strip of its types, one of them does for all.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('./node_modules/.cache/dbsbm-test', import.meta.url),
)

/** Files that take longest, in the order in which they begin: what begins last keeps one worker waiting for the other. */
const LONGEST = [
  '/leaks.test.ts',
  '/browser/pages.test.ts',
  '/browser/live.test.ts',
  '/browser/hostile.test.ts',
  '/kills.test.ts',
  '/key-rotation.test.ts',
  '/season-bets.test.ts',
]

/**
 * The tests of the whole platform that run in both shapes: embedded on SQLite by `npm test`, as a
 * cluster on MariaDB and Redis by `npm run test:services`. The others are bound to one process or its files.
 */
const BOTH_SHAPES = [
  'accounts-of-others',
  'audit-actions',
  'consents-of-others',
  'conversations-of-others',
  'crossing',
  'five-subgraphs',
  'hostile',
  'live-tail',
  'member-path',
  'shared-person',
  'viewers',
].map((name) => `test/federation/${name}.test.ts`)

/** A cluster's processes under load: one file at a time, with nothing beside it, after all others. */
const UNDER_LOAD = ['test/services/cluster-*.test.ts']

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONGEST.findIndex((ending) => moduleId.endsWith(ending))
      return place < 0 ? LONGEST.length : place
    }
    return (await super.sort(files)).toSorted((left, right) => rank(left) - rank(right))
  }
}

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
    // Files share what a worker has loaded: loading it for each was half of the whole run.
    isolate: false,
    sequence: { sequencer: LongestFirst },
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
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          // What a page does takes as long as the machine needs.
          expect: { poll: { timeout: 20_000, interval: 100 } },
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
          exclude: UNDER_LOAD,
          globalSetup: ['scripts/require-services.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'under-load',
          include: UNDER_LOAD,
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
          fileParallelism: false,
          globalSetup: ['scripts/require-services.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'cluster',
          include: BOTH_SHAPES,
          env: { DBSBM_TEST_SHAPE: 'cluster' },
          globalSetup: ['scripts/require-services.ts'],
        },
      },
    ],
  },
})
