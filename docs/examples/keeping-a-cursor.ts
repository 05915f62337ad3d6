import { readFile, writeFile } from 'node:fs/promises'
import { BetChangesDocument, createDbsbm, isDbsbmError } from '@dbsbm/sdk'

const dbsbm = createDbsbm({
  url: process.env.DBSBM_URL ?? 'http://127.0.0.1:4000/graphql',
  credentials: {
    email: 'admin@acme.example',
    password: 'demo-admin',
    guildId: '81384788765712384',
  },
})
const file = 'last-cursor.txt'

/** Everything that happened to one's bets since the last run, then what happens. */
async function follow(resume: string): Promise<void> {
  const wishes = {
    resume,
    onState: (state: string) => console.log(`the stream is ${state}`),
    signal: AbortSignal.timeout(3_000),
  }
  for await (const { data, cursor } of dbsbm.subscribe(BetChangesDocument, {}, wishes)) {
    console.log(`${data.betChanged?.type} ${data.betChanged?.betId}`)
    // After the work, never before: what broke off in between comes again.
    if (cursor !== null) await writeFile(file, cursor)
  }
}

try {
  await follow(await readFile(file, 'utf8').catch(() => 'beginning'))
} catch (failure) {
  if (isDbsbmError(failure, 'CURSOR_EXPIRED', 'EVENTS_MISSED')) {
    console.log('too long away: read the present by a query, then begin anew')
  } else if (!isDbsbmError(failure, 'CALL_ABORTED')) throw failure
}
await dbsbm.close()
