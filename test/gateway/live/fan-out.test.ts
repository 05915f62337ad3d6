import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Reach, Viewer } from '#kernel/auth/viewer.ts'
import { anonymous } from '../engine/federated-world.ts'
import type { FollowOptions } from '../engine/follow.ts'
import { createProducer, type Producer, settle } from './desk.ts'
import { createDesk, GUARDED, MOVED, user } from './desk-followers.ts'

let producer: Producer
beforeEach(() => {
  producer = createProducer()
})

describe('subscribers with the same question and rights', () => {
  test('share one stream, one execution and one text', async () => {
    const { subscribe } = createDesk(producer)
    const all = ['1', '2', '3'].map((id) => subscribe(GUARDED, { viewer: user(id) }))
    await settle()
    producer.happen('a', 7)
    await settle()
    expect(producer.opened).toHaveLength(1)
    expect(all.map(({ odds }) => odds())).toEqual([[7], [7], [7]])
    const streams = await Promise.all(all.map(({ shared }) => shared()))
    expect(new Set(streams).size).toBe(1)
  })

  test('are asked for in the name of nobody, with the named scopes alone', async () => {
    const { subscribe } = createDesk(producer)
    const scopes = ['odds:read', 'users:write']
    const { seen } = subscribe(GUARDED, { viewer: user('1', { scopes }) })
    await settle()
    producer.happen('a')
    await settle()
    const by = { kind: 'service', userId: null, reach: { kind: 'none' }, scopes: ['odds:read'] }
    expect(JSON.parse(String(seen[0]?.data.guarded?.by))).toEqual(by)
  })

  test('are one whatever other rights they have, and another where a right shows', async () => {
    const { subscribe } = createDesk(producer)
    const query = 'subscription { moved { odds secret } }'
    const plain = [user('1'), user('2', { scopes: ['bets:read'] }), anonymous]
    for (const viewer of plain) subscribe(query, { viewer })
    await settle()
    expect(producer.opened).toHaveLength(1)
    const secret = subscribe(query, { viewer: user('3', { scopes: ['odds:secret'] }) })
    await settle()
    producer.happen('a', 1)
    await settle()
    expect(producer.opened).toHaveLength(2)
    expect(secret.seen[0]?.data.moved?.secret).toContain('odds:secret')
  })

  test('differ by variables, document, operation and conditions', async () => {
    const { subscribe } = createDesk(producer)
    const query =
      'subscription ($of: ID, $with: Boolean! = true) { moved(of: $of) { odds @include(if: $with) id } }'
    const asked: Partial<FollowOptions>[] = [
      { variables: {} },
      { variables: { with: true } },
      { variables: { of: null } },
      { variables: { of: '1' } },
      { variables: { of: '1', unknown: 'x'.repeat(10) } },
      { variables: { of: '1', with: false } },
    ]
    for (const more of asked) subscribe(query, more)
    subscribe('subscription { moved { id odds } }')
    subscribe('subscription { moved { odds id } }')
    subscribe('subscription {\n  # a remark\n  moved { odds, id } }')
    await settle()
    expect(producer.opened).toHaveLength(4 + 2)
  })

  test('the last that leaves closes the stream, and whoever comes then opens another', async () => {
    const { subscribe, opened } = createDesk(producer)
    const [one, other] = [subscribe(MOVED), subscribe(MOVED)]
    await settle()
    await one?.leave()
    await settle()
    expect(producer.listeners.size).toBe(1)
    await other?.leave()
    await settle()
    expect(producer.listeners.size).toBe(0)
    subscribe(MOVED)
    await settle()
    expect(producer.opened).toHaveLength(2)
    expect(opened).toEqual([1, 0, 1])
  })

  test('whoever comes late begins with what comes next', async () => {
    const { subscribe } = createDesk(producer)
    const early = subscribe(MOVED)
    await settle()
    producer.happen('a', 1)
    await settle()
    const late = subscribe(MOVED)
    await settle()
    producer.happen('a', 2)
    await settle()
    expect([early.odds(), late.odds()]).toEqual([[1, 2], [2]])
    expect(producer.opened).toHaveLength(1)
  })
})

describe('for any subscribers', () => {
  const QUERIES = [
    {
      text: 'subscription ($of: ID) { moved(of: $of) { odds by } }',
      by: 'everyone',
      scopes: [],
    },
    { text: 'subscription { guarded { odds by } }', by: 'everyone', scopes: ['odds:read'] },
    { text: 'subscription { moved { by secret } }', by: 'everyone', scopes: ['odds:secret'] },
    { text: 'subscription { handled { odds by handle } }', by: 'tenant', scopes: [] },
    { text: 'subscription { moved { by handle secret } }', by: 'tenant', scopes: ['odds:secret'] },
    { text: 'subscription { moved { odds by stake } }', by: 'viewer', scopes: [] },
    { text: 'subscription { mine { odds by } }', by: 'viewer', scopes: [] },
    {
      text: 'subscription { ...F } fragment F on Subscription { moved { by ... { stake } } }',
      by: 'viewer',
      scopes: [],
    },
  ] as const
  const reach = fc.constantFrom<Reach>(
    { kind: 'none' },
    { kind: 'platform' },
    { kind: 'tenant', tenantId: '1' },
    { kind: 'tenant', tenantId: '2' },
    { kind: 'guild', tenantId: '1', guildId: '5' },
  )
  const subscriber = fc.record({
    query: fc.constantFrom(...QUERIES),
    of: fc.constantFrom(undefined, '1', '2'),
    userId: fc.constantFrom('1', '2', '3', null),
    scopes: fc.subarray(['bets:read', 'odds:read', 'odds:secret']),
    reach,
  })

  /** The key as the words of the rule say it, made without what the gateway makes it of. */
  function expectedKey({ query, of, scopes, reach }: Asked, at: number): string | null {
    const { text, by } = query
    const held = query.scopes.filter((scope) => scopes.includes(scope))
    if (text.includes('guarded') && held.length === 0) return null
    const asked = [text, text.includes('$of') ? of : null]
    if (by === 'everyone') return JSON.stringify([asked, held])
    if (by === 'tenant') return JSON.stringify([asked, held, reach])
    return JSON.stringify([asked, at])
  }
  type Asked = {
    query: (typeof QUERIES)[number]
    of: string | undefined
    userId: string | null
    scopes: string[]
    reach: Reach
  }

  test('no byte goes where it must not, and there are as many streams as distinct questions', async () => {
    let [shared, all] = [0, 0]
    await fc.assert(
      fc.asyncProperty(fc.array(subscriber, { minLength: 1, maxLength: 25 }), async (asked) => {
        const source = createProducer()
        const { subscribe } = createDesk(source)
        const followers = asked.map((one, at) => {
          const { userId, scopes, reach: place } = one
          const viewer: Viewer =
            userId === null
              ? { ...anonymous, requestId: `r${at}` }
              : user(userId, { scopes, reach: place, requestId: `r${at}` })
          const who =
            userId === null ? { ...one, scopes: [], reach: { kind: 'none' } as const } : one
          return {
            ...subscribe(one.query.text, {
              viewer,
              variables: one.of === undefined ? {} : { of: one.of },
            }),
            viewer,
            key: expectedKey(who, at),
            one,
          }
        })
        await settle(5)
        source.happen('x', 1)
        await settle(30)
        const keys = new Set(followers.flatMap(({ key }) => key ?? []))
        expect(source.opened).toHaveLength(keys.size)
        all += followers.length
        shared += followers.length - keys.size
        for (const { seen, viewer, one, key } of followers) {
          if (key === null) {
            expect(seen).toMatchObject([{ data: null }])
            continue
          }
          const [price] = Object.values(seen[0]?.data ?? {})
          const by = JSON.parse(String(price?.by))
          if (one.query.by !== 'viewer') {
            expect(by).toMatchObject({ kind: 'service', userId: null })
            expect(by.reach).toEqual(one.query.by === 'tenant' ? viewer.reach : { kind: 'none' })
          } else {
            expect(by).toMatchObject({
              kind: viewer.kind,
              userId: viewer.userId,
              reach: viewer.reach,
            })
          }
          expect(viewer.scopes).toEqual(expect.arrayContaining(by.scopes))
          if (price && 'secret' in price)
            expect(price.secret !== null).toBe(viewer.scopes.includes('odds:secret'))
        }
        await Promise.all(followers.map(({ leave }) => leave()))
        await settle(5)
        expect(source.listeners.size).toBe(0)
      }),
      { numRuns: 150 },
    )
    // A test in which nobody shares would show nothing.
    expect(shared / all).toBeGreaterThan(0.1)
  }, 60_000)
})
