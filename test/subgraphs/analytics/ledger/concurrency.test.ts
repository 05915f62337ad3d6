import { describeConcurrency } from './concurrency-suite.ts'
import { openLedger } from './ledger-kit.ts'

describeConcurrency('SQLite', () => openLedger())
