import { expect, test } from 'vitest'
import { openEventStream } from '../kit/live-clients.ts'
import { PEOPLE, startPlatform } from '../kit/platform.ts'
import { SHARPS } from './acme-bets.ts'
import { changed, take, untilAnswer, untilQuiet } from './world.ts'

/** Reads more of a guild that has its reads logged, at each entry. */
const FOLLOW = `subscription { auditLogAppended {
  action
  guild {
    auditTrail(first: 1) { edges { node { id } } }
    members { edges { node { user { bets { edges { node { id } } } } } } }
  }
} }`
const COUNT = '{ auditLogAggregates(groupBy: [ACTION]) { group count } }'

type Counts = { group: { action: string }; count: number }[]

test('who follows the audit log and reads more of each entry is not told of those readings', async () => {
  await using platform = await startPlatform()
  const authorization = `Bearer ${await platform.tokenOf(PEOPLE.acmeOfficer)}`
  const admin = await platform.as(PEOPLE.acmeAdmin)
  await using stream = await openEventStream(platform.url, { query: FOLLOW }, { authorization })
  for (const name of ['Sharps for once', 'Acme Sharps']) {
    await changed(admin, 'updateGuild', { guildId: SHARPS, name })
  }
  const told = () =>
    stream.events.filter(({ data }) => JSON.stringify(data).includes('guild.updated'))
  await untilAnswer(
    async () => told().length,
    (count) => count === 2,
  )
  await untilQuiet(platform)
  const counts = async () => {
    const groups = await take<Counts>(await platform.as(PEOPLE.acmeOfficer), COUNT)
    return Object.fromEntries(groups.map(({ group, count }) => [group.action, count]))
  }
  const read = await untilAnswer(counts, (found) => found['audit.read'] === 2)
  // Each entry was read more of, and that is in the log; hearing of it would have been read again.
  await untilQuiet(platform)
  expect(await counts()).toMatchObject({ 'audit.read': read['audit.read'] })
})
