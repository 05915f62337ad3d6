import { createCursors } from '#kernel/events/cursor.ts'

/** Cursors of a service of these tests, under a root of their own. */
export const TEST_CURSORS = createCursors({
  service: 'test',
  operatorKeys: { root: Buffer.alloc(32, 9) },
})
