import { openSqlite } from '../../kit/database.ts'
import { describeDatabase } from './database-suite.ts'

describeDatabase('SQLite', { open: openSqlite, runs: 40 })
