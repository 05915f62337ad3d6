import { expect, test } from 'vitest'
import {
  type Asker,
  type Outcome,
  PATIENT,
  runLeakMatrix,
  signedIn,
  strangers,
} from '../federation/leak-matrix.ts'
import { ENTITY_ASKERS, runEntityAttack } from '../federation/leaks/entity-attack.ts'
import { plantForeignWorld } from '../federation/leaks/foreign-world.ts'
import { openGames } from '../federation/leaks/games.ts'
import { plantNeighbour } from '../federation/leaks/neighbour.ts'
import type { ForeignWorld } from '../federation/leaks/side.ts'
import { runStreamMatrix } from '../federation/leaks/streams.ts'
import { startMariadbPlatform } from '../kit/mariadb-platform.ts'
import { PEOPLE, startPlatform, type TestPlatform } from '../kit/platform.ts'
import { writeProof } from './write-proof.ts'

type Row = Record<string, string | number>

const LONGEST_MS = 7_200_000

const toRow = (engine: string, outcome: Outcome): Row => ({
  engine,
  'who tries': outcome.asker,
  by: 'queries and mutations',
  tries: outcome.tries,
  'answered with data': outcome.answered,
  leaks: outcome.leaks.length,
  'foreign rows changed': outcome.changed.length,
})

async function queryRows(platform: TestPlatform, engine: string, given: Given): Promise<Row[]> {
  const { world, askers } = given
  const operator = signedIn(platform, 'operator (control)', PEOPLE.operator)
  const outcomes = await runLeakMatrix(platform, { world, askers })
  const faults = outcomes.flatMap((outcome) => outcome.faults)
  expect(faults).toEqual([])
  const only = new Set([
    ...['tenants', 'guilds', 'users', 'quotas', 'featureFlags', 'roles'],
    ...['accounts', 'bets', 'holds', 'ledgerEntries', 'bettingFigures', 'account', 'bet'],
    ...['auditLogs', 'alerts', 'alertRules', 'consents', 'policies', 'conversations'],
  ])
  const control = await runLeakMatrix(platform, { world, askers: [operator], only })
  return [...outcomes, ...control].map((outcome) => toRow(engine, outcome))
}

type Given = { world: ForeignWorld; askers: readonly Asker[] }

async function streamRows(platform: TestPlatform, engine: string, given: Given): Promise<Row[]> {
  const { world, askers } = given
  const home = askers.find(({ name }) => name === 'administrator of the tenant')
  if (!home) throw new Error('nobody is at home')
  const control = signedIn(platform, 'operator (control)', PEOPLE.operator)
  const outcomes = await runStreamMatrix(platform, { world, askers, control, home })
  return outcomes.map(({ asker, streams, events, leaks }) => ({
    engine,
    'who tries': asker,
    by: 'subscriptions',
    tries: streams,
    'answered with data': events,
    leaks: leaks.length,
    'foreign rows changed': 0,
  }))
}

async function keyRows(platform: TestPlatform, engine: string, { world }: Given): Promise<Row[]> {
  const askers = [...ENTITY_ASKERS.strangers, ENTITY_ASKERS.operator]
  const outcomes = await runEntityAttack(platform, world, askers)
  return askers.map(({ name, reach }) => {
    const own = outcomes.filter(({ asker }) => asker === name)
    const sum = (count: (outcome: (typeof own)[number]) => number) =>
      own.reduce((total, outcome) => total + count(outcome), 0)
    return {
      engine,
      'who tries': `viewer ${name}${reach.kind === 'platform' ? ' (control)' : ''}`,
      by: 'keys at each subgraph',
      tries: sum(({ tries }) => tries),
      'answered with data': '',
      leaks: sum(({ leaks }) => leaks.length),
      'foreign rows changed': 0,
    }
  })
}

const beside = (row: Row): Row => ({ ...row, by: `${row.by}, the guild beside` })

async function proveOn(engine: string, start: () => Promise<TestPlatform>): Promise<Row[]> {
  await using platform = await start()
  await using games = await openGames(platform, await platform.as(PEOPLE.operator))
  const world = await plantForeignWorld(platform, games)
  const neighbour = await plantNeighbour(platform, games)
  const given = { world, askers: await strangers(platform) }
  const ofGuild = given.askers.filter(({ name }) => name.endsWith('of a guild'))
  const besides = await queryRows(platform, engine, { world: neighbour, askers: ofGuild })
  return [
    ...(await queryRows(platform, engine, given)),
    ...besides.map(beside),
    ...(await streamRows(platform, engine, given)),
    ...(await keyRows(platform, engine, given)),
  ]
}

test(
  "every root field, stream and key against another tenant's data on both engines",
  async () => {
    const rows = [
      ...(await proveOn('SQLite', () => startPlatform({ env: PATIENT }))),
      ...(await proveOn('MariaDB', () => startMariadbPlatform(PATIENT))),
    ]
    await writeProof({
      name: 'leaks',
      title: "Another tenant's data",
      what: "A tenant is planted with a marker in every text that takes one, with ids that no other row has and with amounts that no other money reaches: people, rights, settings, accounts, bets (open and settled), holds (one frozen), ledger entries, limits, policies, consents, alert rules, alerts, audit entries, conversations. Beside it another guild of the askers' own tenant, which those with rights in one guild must not reach. Operations are made from the supergraph's schema: every root field, each id argument and input field with each foreign id of its kind beside own values and beside foreign ones, every comparison, order, group and foreign cursor of the lists, all that can be selected four objects deep. A leak is the marker, a foreign id or a foreign amount (in a sum as well) that was not sent, a row under a condition that foreign rows alone meet, an answer where a foreign id was given, or a foreign row changed (all rows of all databases compared). Addresses of people are not tried: whoever adds a person by address knows it. Accounts, consents, conversations and alert rules of one's own tenant may name anybody by id: what is written is one's own, and nothing else may come with the answer. For subscriptions, tries are streams and answers events. The operator is the control: for him the same tries must find something.",
      rows,
    })
    for (const row of rows) {
      if (String(row['who tries']).endsWith('(control)')) expect(row.leaks).toBeGreaterThan(0)
      else expect(row).toMatchObject({ leaks: 0, 'foreign rows changed': 0 })
    }
  },
  LONGEST_MS,
)
