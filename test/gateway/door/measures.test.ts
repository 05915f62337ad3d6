import fc from 'fast-check'
import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import type { Identity } from '#gateway/access/who/identity.ts'
import { createRevocations } from '#gateway/access/who/revocations.ts'
import { createLiveSessions } from '#gateway/live/live-sessions.ts'
import { createLiveStream } from '#gateway/live/live-stream.ts'
import { measureOperation } from '#gateway/plugins/operation-size.ts'
import { anonymousViewer } from '#kernel/auth/viewer.ts'
import { createManualClock } from '#kernel/clock.ts'

describe('the size of an operation', () => {
  test('counts what fragments bring, wherever they stand', () => {
    const size = measureOperation(
      parse(
        '{ a: me { ...F } b: me { ... on R { ...F } } } fragment F on R { x: id friend { id } }',
      ),
    )
    expect(size).toMatchObject({ depth: 3, aliases: 4, height: 8, rootFields: 2 })
  })

  test('of fragments within themselves is not endless', () => {
    expect(measureOperation(parse('{ ...A } fragment A on Query { me { ...A } }')).depth).toBe(1)
  })

  test('of the schema counts once, and of several operations the largest', () => {
    const size = measureOperation(
      parse('query A { __schema { types { fields { name } } } } query B { a b c { d } }'),
    )
    expect(size).toMatchObject({ depth: 2, aliases: 0, height: 4, rootFields: 3 })
  })

  test('is the same with a selection as with a fragment of it', () => {
    const selection = fc.letrec<{ set: string; field: string }>((tie) => ({
      field: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('id', 'name', 'other: id'),
        tie('set').map((set) => `friend ${set}`),
      ),
      set: fc
        .array(tie('field'), { minLength: 1, maxLength: 3 })
        .map((all) => `{ ${all.join(' ')} }`),
    })).set
    fc.assert(
      fc.property(selection, (set) => {
        const inline = measureOperation(parse(`{ me ${set} }`))
        const spread = measureOperation(parse(`{ me { ...F } } fragment F on R ${set}`))
        expect(spread).toEqual(inline)
      }),
    )
  })
})

const START = new Date('2026-01-01T00:00:00Z')
const identityOf = (known: Partial<Identity['viewer']>, rest: Partial<Identity> = {}): Identity => {
  const { requestId: _requestId, ...viewer } = anonymousViewer('x')
  const named = { viewer: { ...viewer, ...known }, expiresAt: null, issuedAt: START, tokenId: null }
  return { ...named, ...rest }
}

describe('revocations', () => {
  test('end what they name and nothing else', () => {
    const clock = createManualClock(START)
    const revocations = createRevocations(clock)
    const later = new Date(START.getTime() + 1000)
    revocations.add({ kind: 'session', id: '1', at: START })
    revocations.add({ kind: 'user', id: '7', at: START })
    revocations.add({ kind: 'token', id: 'j', at: START })
    expect(revocations.isRevoked(identityOf({ sessionId: '1' }))).toBe(true)
    expect(revocations.isRevoked(identityOf({ sessionId: '2' }))).toBe(false)
    expect(revocations.isRevoked(identityOf({ userId: '1' }))).toBe(false)
    expect(revocations.isRevoked(identityOf({ userId: '7' }))).toBe(true)
    expect(revocations.isRevoked(identityOf({ userId: '7' }, { issuedAt: later }))).toBe(false)
    expect(revocations.isRevoked(identityOf({}, { tokenId: 'j' }))).toBe(true)
  })

  test('are remembered as long as a token lives, and told once', () => {
    const clock = createManualClock(START)
    const revocations = createRevocations(clock)
    const told: string[] = []
    const stop = revocations.listen(({ id }) => told.push(id))
    revocations.add({ kind: 'session', id: '1', at: START })
    revocations.add({ kind: 'session', id: '1', at: START })
    clock.advance(539_000)
    revocations.add({ kind: 'session', id: '2', at: clock.now() })
    expect(revocations.isRevoked(identityOf({ sessionId: '1' }))).toBe(true)
    clock.advance(2_000)
    revocations.add({ kind: 'session', id: '3', at: clock.now() })
    expect(revocations.isRevoked(identityOf({ sessionId: '1' }))).toBe(false)
    expect(revocations.isRevoked(identityOf({ sessionId: '2' }))).toBe(true)
    stop()
    revocations.add({ kind: 'session', id: '4', at: clock.now() })
    expect(told).toEqual(['1', '2', '3'])
  })

  test('between the check and the watch still end a session', () => {
    const clock = createManualClock(START)
    const revocations = createRevocations(clock)
    const sessions = createLiveSessions({ revocations, clock })
    const identity = identityOf({ sessionId: '1' })
    revocations.add({ kind: 'session', id: '1', at: START })
    const ended: string[] = []
    sessions.watch(identity, (reason) => ended.push(reason))
    expect(ended).toEqual(['TOKEN_REVOKED'])
    const other = sessions.watch(identityOf({ sessionId: '2' }), (reason) => ended.push(reason))
    other()
    revocations.add({ kind: 'session', id: '2', at: START })
    expect(ended).toHaveLength(1)
    sessions.close()
  })
})

describe('a live stream', () => {
  const sourceOf = () => {
    const never = new Promise<IteratorResult<number, undefined>>(() => undefined)
    const steps: IteratorResult<number, undefined>[] = [
      { done: false, value: 1 },
      { done: false, value: 2 },
    ]
    const told: string[] = []
    const stream = createLiveStream<number>({
      source: {
        [Symbol.asyncIterator]: () => ({
          next: async () => steps.shift() ?? never,
        }),
      },
      abort: () => told.push('abort'),
      ended: () => told.push('ended'),
    })
    return { stream, told }
  }

  test('is ended at once while its source waits, and tells so once', async () => {
    const { stream, told } = sourceOf()
    expect(await stream.next()).toEqual({ done: false, value: 1 })
    await stream.next()
    const waiting = stream.next()
    await stream.return(undefined)
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    await stream.return(undefined)
    expect(told).toEqual(['ended', 'abort'])
  })

  test('may be given a last word, whether somebody waits for it or not', async () => {
    const waitedFor = sourceOf().stream
    await waitedFor.next()
    await waitedFor.next()
    const waiting = waitedFor.next()
    waitedFor.endWith(99)
    expect(await waiting).toEqual({ done: false, value: 99 })
    expect((await waitedFor.next()).done).toBe(true)
    const between = sourceOf().stream
    await between.next()
    between.endWith(99)
    expect(await Array.fromAsync(between)).toEqual([99])
    const unread = sourceOf().stream
    unread.endWith(99)
    expect(await Array.fromAsync(unread)).toEqual([99])
  })
})
