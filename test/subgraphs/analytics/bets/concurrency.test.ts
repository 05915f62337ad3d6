import { describeBetRaces } from './concurrency-suite.ts'

describeBetRaces('SQLite', async () => ({ options: {}, [Symbol.asyncDispose]: async () => {} }))
