import { createRingFront } from '#kernel/events/ring-front.ts'
import { openSqlite } from '../../kit/database.ts'
import { describeResume } from './resume-suite.ts'

describeResume('going on, by the ring on SQLite', {
  openDatabase: (entities) => openSqlite(entities),
  createFront: () => createRingFront(),
})
