import { emptyMariadb } from '../kit/database.ts'
import { describeBetRaces } from '../subgraphs/analytics/bets/concurrency-suite.ts'

describeBetRaces('MariaDB', async () => {
  const empty = await emptyMariadb()
  const drop = () => empty[Symbol.asyncDispose]()
  return { options: { databaseUrl: empty.url }, [Symbol.asyncDispose]: drop }
})
