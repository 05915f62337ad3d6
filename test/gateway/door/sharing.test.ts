import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Board, createBoard } from '../../kit/board-world.ts'
import {
  type AskInit,
  type GatewayWorld,
  type PlatformWorld,
  startPlatformWorld,
  startStandaloneWorld,
  until,
} from '../../kit/gateway.ts'

type Person = { userId: string; tenantId: string; scopes: readonly string[] }
type Said = {
  field: string
  of: string | null
  kind: string
  userId: string | null
  reach: unknown
  scopes: string[]
  turn: number
}
type Question = { by: Person; query: string; variables?: Record<string, unknown> }

const ALL = ['figures:read', 'odds:read', 'people:read']
const ada: Person = { userId: '1', tenantId: '7', scopes: ALL }
const bob: Person = { userId: '2', tenantId: '7', scopes: ALL }
const eve: Person = { userId: '3', tenantId: '8', scopes: ALL }

describe('on a platform', () => {
  const board = createBoard()
  let world: PlatformWorld
  const tokens = new Map<Person, Promise<string>>()

  beforeAll(async () => {
    world = await startPlatformWorld({ subgraphs: [board.source] })
  })
  beforeEach(() => {
    board.asked.length = 0
  })
  afterAll(() => world[Symbol.asyncDispose]())

  const tokenOf = (person: Person) => {
    const { userId, tenantId, scopes } = person
    const claims = { sub: userId, reach: 'tenant', tenant: tenantId, scope: scopes.join(' ') }
    const token = tokens.get(person) ?? world.identity.mint({ claims })
    tokens.set(person, token)
    return token
  }
  const askAs = async (person: Person, query: string, init: AskInit = {}) =>
    world.ask(query, { ...init, token: await tokenOf(person) })

  /** Everybody asks while nothing is answered yet. */
  async function together(questions: readonly Question[], held: number) {
    board.hold()
    const answers = questions.map(({ by, query, variables = {} }) =>
      askAs(by, query, { variables }),
    )
    await until(() => board.asked.length >= held)
    await settled()
    board.release()
    return Promise.all(answers)
  }
  /** Long enough for what was sent to arrive, if it was. */
  const settled = () => new Promise((resolve) => setTimeout(resolve, 60))

  const saidIn = (answer: { body: { data?: unknown } }): Record<string, Said> => {
    const data = (answer.body.data ?? {}) as Record<string, { text: string } | null>
    const said = Object.entries(data).flatMap(([key, value]) =>
      value ? [[key, JSON.parse(value.text)] as const] : [],
    )
    return Object.fromEntries(said)
  }

  test('what depends on nobody is asked once for all who ask at the same time', async () => {
    const asking = [ada, bob, eve].map((by) => ({ by, query: '{ price { text } }' }))
    const answers = await together(asking, 1)
    expect(board.asked).toEqual(['price'])
    for (const answer of answers)
      expect(saidIn(answer).price).toMatchObject({
        ...{ kind: 'service', userId: null, reach: { kind: 'none' }, scopes: ['odds:read'] },
      })
  })

  test('what depends on the tenant is asked once for each tenant', async () => {
    const asking = [ada, bob, eve].map((by) => ({ by, query: '{ handle { text } }' }))
    const answers = await together(asking, 2)
    expect(board.asked).toEqual(['handle', 'handle'])
    expect(answers.map((answer) => saidIn(answer).handle?.reach)).toEqual(
      ['7', '7', '8'].map((tenantId) => ({ kind: 'tenant', tenantId })),
    )
  })

  test('what depends on the viewer is asked by each for themselves, every time', async () => {
    const asking = [ada, ada, bob].map((by) => ({ by, query: '{ mine { text } }' }))
    const answers = await together(asking, 3)
    expect(board.asked).toHaveLength(3)
    expect(answers.map((answer) => saidIn(answer).mine?.userId)).toEqual(['1', '1', '2'])
  })

  test('one part of an operation is shared, the other is not', async () => {
    const query = '{ price { text } mine { text } }'
    const answers = await together(
      [ada, bob].map((by) => ({ by, query })),
      2,
    )
    expect(answers.map((answer) => saidIn(answer).mine?.userId)).toEqual(['1', '2'])
  })

  test('whoever lacks a scope is told nothing of what the others share', async () => {
    const poor = { ...bob, scopes: ['people:read'] }
    const query = '{ price { text } open { text } }'
    const [rich, other] = await together(
      [ada, poor].map((by) => ({ by, query })),
      3,
    )
    expect(rich?.body.data?.price).not.toBeNull()
    expect(other?.body).toMatchObject({
      data: { price: null },
      errors: [{ path: ['price'], extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } }],
    })
  })

  test('another question is another question', async () => {
    const asking = ['{ price(of: 1) { text } }', '{ price(of: 2) { text } }']
    await together(
      asking.map((query) => ({ by: ada, query })),
      2,
    )
    expect(board.asked).toHaveLength(2)
  })

  describe('of which a variable decides a part', () => {
    const query = 'query ($of: ID) { price(of: $of) { text } open { text } again: price { text } }'
    const asking = (people: readonly Person[]) =>
      people.map((by, index) => ({ by, query, variables: { of: `${index}` } }))

    /** Until the parts are planned, which nobody waits for. */
    async function repeatedly(isDone: () => Promise<boolean>) {
      for (let attempt = 0; attempt < 20; attempt++) {
        board.asked.length = 0
        if (await isDone()) return
      }
      throw new Error(`asked for ${board.asked}`)
    }

    test('the others are asked once for all, as soon as the parts are planned', async () => {
      await repeatedly(async () => {
        const answers = await together(asking([ada, bob, eve, ada, bob]), 3)
        for (const [index, answer] of answers.entries()) {
          expect(Object.keys(answer.body.data ?? {})).toEqual(['price', 'open', 'again'])
          expect(saidIn(answer).price?.of).toBe(`${index}`)
          expect(saidIn(answer).again?.of).toBeNull()
        }
        // Whoever comes first finds nobody with whom to share, and asks for all of it at once.
        return board.asked.length === 3 + 4 + 2
      })
      expect(board.asked.filter((field) => field === 'open')).toHaveLength(2)
      expect(board.asked.filter((field) => field === 'price')).toHaveLength(2 + 4 + 1)
    })

    test('a part that fails is told of in its place, and the others are answered', async () => {
      const failing = 'query ($of: ID) { price(of: $of) { text } fails { text } }'
      await repeatedly(async () => {
        const questions = asking([ada, bob, eve]).map((asked) => ({ ...asked, query: failing }))
        for (const [index, { body }] of (await together(questions, 2)).entries()) {
          expect(body.data?.fails).toBeNull()
          expect(body.errors?.map(({ path }) => path)).toEqual([['fails']])
          expect(saidIn({ body }).price?.of).toBe(`${index}`)
        }
        return board.asked.length === 2 + 2 + 1
      })
    })

    test('whoever asks alone asks for all of it in one request', async () => {
      const before = board.requests
      await askAs(ada, query, { variables: { of: 'alone' } })
      expect(board.requests - before).toBe(1)
    })

    test('a variable that is none is refused as ever', async () => {
      const [bad, good] = await together(
        [{ by: ada, query, variables: { of: ['x'] } }, ...asking([bob])],
        2,
      )
      expect(bad?.body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
      expect(bad?.body.data ?? null).toBeNull()
      expect(good?.body.errors).toBeUndefined()
    })
  })

  test('nothing that is over is told again', async () => {
    await askAs(ada, '{ price { text } }')
    await askAs(bob, '{ price { text } }')
    expect(board.asked).toEqual(['price', 'price'])
  })

  test('whoever asks after a change is not told what was asked before it', async () => {
    board.hold()
    const before = askAs(ada, '{ price { text } }')
    await until(() => board.asked.length === 1)
    board.release()
    board.hold()
    const bet = askAs(bob, 'mutation { bet { text } }')
    await until(() => board.asked.includes('bet'))
    board.release()
    await bet
    const after = await askAs(bob, '{ price { text } }')
    expect(saidIn(after).price?.turn).toBe(3)
    expect(saidIn(await before).price?.turn).toBeLessThan(3)
  })

  test('whoever leaves takes nothing from those who stay', async () => {
    board.hold()
    const leaving = new AbortController()
    const token = await tokenOf(ada)
    const left = fetch(world.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ price { text } }' }),
      signal: leaving.signal,
    })
    await until(() => board.asked.length === 1)
    const staying = askAs(bob, '{ price { text } }')
    await settled()
    leaving.abort()
    await expect(left).rejects.toThrow()
    await settled()
    board.release()
    expect(saidIn(await staying).price?.kind).toBe('service')
    expect(board.asked).toEqual(['price'])
  })

  test('no byte crosses persons, tenants or rights, whoever asks what at the same time', async () => {
    const person = fc.record({
      userId: fc.constantFrom('1', '2', '3'),
      tenantId: fc.constantFrom('7', '8'),
      scopes: fc.subarray(ALL),
    })
    const field = fc.constantFrom('price', 'handle', 'mine', 'open')
    // Some of them for a thing that a variable names.
    const fields = fc.uniqueArray(field, { minLength: 1 })
    const query = fc.tuple(fields, fc.subarray(['price', 'handle'])).map(([asked, named]) => {
      const worded = asked.map((name) => `${name}${named.includes(name) ? '(of: $of)' : ''}`)
      const isNamed = worded.some((field) => field.includes('$of'))
      return `query${isNamed ? ' ($of: ID)' : ''} { ${worded.map((field) => `${field} { text }`).join(' ')} }`
    })
    const variables = fc.record({ of: fc.constantFrom('a', 'b') })
    const asking = fc.array(fc.record({ by: person, query, variables }), {
      ...{ minLength: 2, maxLength: 12 },
    })
    let told = 0
    await fc.assert(
      fc.asyncProperty(asking, async (questions) => {
        board.asked.length = 0
        const answers = await together(questions, 0)
        for (const [index, answer] of answers.entries()) {
          const { by, query, variables } = questions[index] as (typeof questions)[number]
          const asksFor = (name: string) => query.includes(name)
          const said = saidIn(answer)
          const places = Object.keys(answer.body.data ?? {}).map((name) => query.indexOf(name))
          expect(places).toEqual(places.toSorted((left, right) => left - right))
          for (const [name, { field, of }] of Object.entries(said)) {
            expect(field).toBe(name)
            expect(of).toBe(query.includes(`${name}(of`) ? variables.of : null)
          }
          told += Object.keys(said).length
          const ownReach = { kind: 'tenant', tenantId: by.tenantId }
          for (const { scopes, userId, reach } of Object.values(said)) {
            expect(by.scopes).toEqual(expect.arrayContaining(scopes))
            expect([null, by.userId]).toContain(userId)
            expect([{ kind: 'none' }, ownReach]).toContainEqual(reach)
          }
          if (said.handle) expect(said.handle.reach).toEqual(ownReach)
          if (said.mine) expect(said.mine.userId).toBe(by.userId)
          expect(said.price !== undefined).toBe(asksFor('price') && by.scopes.includes('odds:read'))
          expect(said.handle !== undefined).toBe(
            asksFor('handle') && by.scopes.includes('figures:read'),
          )
        }
      }),
      { numRuns: 25 },
    )
    expect(told).toBeGreaterThan(100)
  })
})

describe('where subgraphs hear nothing of who asks', () => {
  let board: Board
  let world: GatewayWorld

  beforeAll(async () => {
    board = createBoard()
    world = await startStandaloneWorld({ subgraphs: [board.source] })
  })
  afterAll(() => world[Symbol.asyncDispose]())

  test('all who ask the same are told the same answer', async () => {
    board.hold()
    const answers = Array.from({ length: 20 }, () => world.ask('{ open { text } }'))
    await until(() => board.asked.length > 0)
    await new Promise((resolve) => setTimeout(resolve, 100))
    board.release()
    const bodies = (await Promise.all(answers)).map(({ body }) => JSON.stringify(body))
    expect(new Set(bodies).size).toBe(1)
    expect(board.asked).toEqual(['open'])
  })
})
