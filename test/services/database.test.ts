import { describeDatabase } from '../kernel/db/database-suite.ts'
import { openMariadb } from '../kit/database.ts'

describeDatabase('MariaDB', { open: openMariadb, runs: 15 })
