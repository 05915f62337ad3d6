import { systemClock } from '#kernel/clock.ts'
import { readConfig } from '#kernel/config.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { openPlatform } from '#kernel/serve/platform.ts'
import { identity } from '#subgraphs/identity/subgraph.ts'
import { silentLog } from '../../../kit/database.ts'

const [dataDir = ''] = process.argv.slice(2)

// Dies after its second batch of one key, as by `kill -9`.
const { services } = await openPlatform({
  config: readConfig({ DATA_DIR: dataDir, ODDS_FEED: 'none' }),
  subgraphs: [identity],
  log: silentLog,
  clock: systemClock,
  randomness: systemRandomness,
})
let batches = 0
await services[0]?.rewrapKeys({
  batchSize: 1,
  onProgress: ({ remaining }) => {
    batches += 1
    process.stdout.write(`${remaining}\n`)
    if (batches === 2) process.kill(process.pid, 'SIGKILL')
  },
})
