import { createRingFront } from '#kernel/events/ring-front.ts'
import { describeEventFront } from '../kernel/events/front-suite.ts'
import { openMariadb } from '../kit/database.ts'

describeEventFront('the ring on MariaDB', {
  openDatabase: (entities) => openMariadb(entities),
  createFront: () => createRingFront(),
  runs: 15,
})
