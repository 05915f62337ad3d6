import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openApollo } from '../../../kit/clients/apollo.ts'
import { openApolloOverParts } from '../../../kit/clients/apollo-over-parts.ts'
import { openGraphqlSse } from '../../../kit/clients/graphql-sse.ts'
import { openGraphqlWs } from '../../../kit/clients/graphql-ws.ts'
import {
  type ClientsWorld,
  namesIn,
  nobody,
  startClientsWorld,
  TICKS,
} from '../../../kit/clients/proving.ts'
import type { Followed, OpenClient } from '../../../kit/clients/real-client.ts'
import { openRelay } from '../../../kit/clients/relay.ts'
import { openUrqlOverEvents, openUrqlOverSocket } from '../../../kit/clients/urql.ts'
import { openUrqlOverFetch } from '../../../kit/clients/urql-over-fetch.ts'
import { startPlatformWorld, until } from '../../../kit/gateway.ts'
import { readersAndBooks } from '../../../kit/readers-world.ts'

type As = 'result' | 'failure'

type Row = {
  name: string
  open: OpenClient
  /** What it makes of errors beside data. */
  partial: 'told' | 'silent'
  /** What it says of an event without errors that comes after one with errors. */
  after: unknown[]
  /** As what it hands over the errors of a subscription whose field is refused. */
  refused: As
  /** As what those of a subscription that does not fit the schema. */
  unknown: As
  /** How its socket is closed when the gateway drains. */
  drained: number[]
}

const ROWS: Row[] = [
  {
    ...{ name: 'graphql-ws', open: openGraphqlWs, drained: [1012] },
    ...{ partial: 'told', after: [], refused: 'result', unknown: 'failure' },
  },
  {
    ...{ name: 'graphql-sse', open: openGraphqlSse, drained: [] },
    ...{ partial: 'told', after: [], refused: 'result', unknown: 'result' },
  },
  {
    ...{ name: '@apollo/client over graphql-ws', open: openApollo, drained: [1012] },
    ...{ partial: 'told', after: [], refused: 'result', unknown: 'result' },
  },
  {
    ...{ name: '@apollo/client in parts', open: openApolloOverParts, drained: [] },
    ...{ partial: 'told', after: [], refused: 'result', unknown: 'result' },
  },
  {
    ...{ name: 'urql over graphql-ws', open: openUrqlOverSocket, drained: [1012] },
    ...{ partial: 'told', after: ['BOOK_TORN'], refused: 'result', unknown: 'result' },
  },
  {
    ...{ name: 'urql over graphql-sse', open: openUrqlOverEvents, drained: [] },
    ...{ partial: 'told', after: ['BOOK_TORN'], refused: 'result', unknown: 'result' },
  },
  {
    ...{ name: 'urql over its own fetch', open: openUrqlOverFetch, drained: [] },
    ...{ partial: 'told', after: ['BOOK_TORN'], refused: 'result', unknown: 'result' },
  },
  {
    ...{ name: 'relay-runtime', open: openRelay, drained: [1012] },
    ...{ partial: 'silent', after: [], refused: 'failure', unknown: 'failure' },
  },
]

const SECRET = 'query Secret { secret }'
const BOTH = 'query Both { me { id } secret }'
const SECRET_TICKS = 'subscription SecretTicks { secretTicks { id } }'
const UNKNOWN = 'query Unknown { me { id nobody } }'
const UNKNOWN_TICKS = 'subscription UnknownTicks { ticks { id nobody } }'
const REFUSED = 'UNAUTHORIZED_FIELD_OR_TYPE'
const INVALID = 'GRAPHQL_VALIDATION_FAILED'

const readers = readersAndBooks()
let met: ClientsWorld

beforeAll(async () => {
  met = await startClientsWorld(readers)
})
afterAll(() => met[Symbol.asyncDispose]())

/** The first word of a subscription that is refused, and whether it came as a result or as a failure. */
async function firstWord({ outcomes, ended }: Followed): Promise<{ as: As; codes: unknown[] }> {
  let failed: unknown[] | null = null
  void ended.then((codes) => {
    failed = codes
  })
  await until(() => outcomes.length > 0 || failed !== null)
  const [first] = outcomes
  return first ? { as: 'result', codes: first.codes } : { as: 'failure', codes: failed ?? [] }
}

describe.each(ROWS)('$name', ({ open, partial, after, refused, unknown }) => {
  test('hears of what is refused, and sees what is not', async () => {
    using client = open(met.way(nobody))
    expect((await client.query(SECRET)).codes).toEqual([REFUSED])
    expect(await client.query(BOTH)).toMatchObject({
      data: { me: { id: '1' }, secret: null },
      codes: partial === 'told' ? [REFUSED] : [],
    })
    expect(await firstWord(client.follow(SECRET_TICKS))).toEqual({ as: refused, codes: [REFUSED] })
    expect(readers.ticks.listeners).toBe(0)
  })

  test('hears that a field is unknown', async () => {
    using client = open(met.way(nobody))
    expect(await client.query(UNKNOWN)).toEqual({ data: null, codes: [INVALID] })
    expect(await firstWord(client.follow(UNKNOWN_TICKS))).toEqual({ as: unknown, codes: [INVALID] })
    expect(readers.ticks.listeners).toBe(0)
  })

  test('hears of the errors of one event, and goes on', async () => {
    using client = open(met.way(nobody))
    const { outcomes, stop } = client.follow(TICKS)
    await until(() => readers.ticks.listeners === 1)
    readers.ticks.push('torn')
    readers.ticks.push('whole')
    await until(() => outcomes.length === 2)
    expect(outcomes).toMatchObject([
      {
        data: { ticks: { id: 'torn', books: null } },
        codes: partial === 'told' ? ['BOOK_TORN'] : [],
      },
      { data: { ticks: { id: 'whole', books: ['book of whole'] } }, codes: after },
    ])
    stop()
    await until(() => readers.ticks.listeners === 0)
  })

  test('stops trying when its own side has no token any more', async () => {
    using client = open(met.way(() => Promise.reject(new Error('Signed out.'))))
    expect((await firstWord(client.follow(SECRET_TICKS))).codes).toEqual(['Signed out.'])
  })
})

test('all of them go on at another gateway when theirs is drained', async () => {
  await using next = await startPlatformWorld({ subgraphs: readers.sources })
  const running = ROWS.map(({ name, open, drained }) => {
    const client = open(met.way(nobody))
    return { name, drained, client, followed: client.follow(TICKS) }
  })
  const pushed: string[] = []
  const push = () => {
    pushed.push(`drain${pushed.length}`)
    readers.ticks.push(pushed.at(-1) ?? '')
  }
  const isHeard = () => running.every(({ followed }) => followed.outcomes.length > 0)
  await expect.poll(() => push() ?? isHeard(), { interval: 20, timeout: 10_000 }).toBe(true)
  met.proxy.target = Number(new URL(next.url).port)
  const draining = met.world.gateway.close()
  push()
  await draining
  push()
  for (const { name, drained, client, followed } of running) {
    await expect
      .poll(() => namesIn(followed).at(-1), { message: name, timeout: 10_000 })
      .toBe(pushed.at(-1))
    const names = namesIn(followed)
    expect(names).toEqual(pushed.slice(pushed.indexOf(names[0] ?? '')))
    expect({ name, closed: client.closed }).toEqual({ name, closed: drained })
    followed.stop()
    client[Symbol.dispose]()
  }
})
