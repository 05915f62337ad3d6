import { expect, test } from 'vitest'
import { createCalleeTokens } from '#kernel/auth/callee-tokens.ts'
import { createReplayWindow } from '#kernel/auth/replay-window.ts'
import { deriveServiceKeys } from '#kernel/auth/service-keys.ts'
import { createServiceTokenVerifier } from '#kernel/auth/service-token.ts'
import { anonymousViewer } from '#kernel/auth/viewer.ts'
import { createManualClock } from '#kernel/clock.ts'
import { DomainError, isDomainError } from '#kernel/errors.ts'
import { createSeededRandomness } from '#kernel/ids.ts'
import { createLog } from '#kernel/log.ts'

const START = new Date('2026-03-01T12:00:00.000Z')
const TWO_MINUTES = 120_000
const BODY = '{"query":"{ me }"}'
const asked = { callee: 'identity', body: BODY, viewer: anonymousViewer('request-1') }

/** A gateway and an identity on two machines; identity's clock is ahead by so much. */
function createWorld(aheadMs: number) {
  const keys = deriveServiceKeys(Buffer.alloc(32, 1))
  const [here, there] = [createManualClock(START), createManualClock(START)]
  there.advance(aheadMs)
  const logged: { msg: string; offsetMs?: number }[] = []
  const write = (line: string) => void logged.push(JSON.parse(line))
  const log = createLog({ level: 'info', name: 'test', destination: { write } })
  const randomness = createSeededRandomness('callee tokens')
  const tokens = createCalleeTokens({ caller: 'gateway', keys, clock: here, randomness, log })
  const replayWindow = createReplayWindow({ clock: there })
  const identity = createServiceTokenVerifier({
    keys,
    clock: there,
    callee: 'identity',
    replayWindow,
  })
  /** What identity refuses a token with, as it travels. */
  const refusalOf = (token: string): DomainError | null => {
    try {
      identity.verify(token, BODY)
      return null
    } catch (failure) {
      if (!isDomainError(failure)) throw failure
      const { code, message, extensions } = JSON.parse(
        JSON.stringify({ ...failure, message: failure.message }),
      )
      return new DomainError(code, message, extensions)
    }
  }
  /** @returns whether the caller takes the refusal for a reason to mint anew */
  const learn = (token: string, refusal = refusalOf(token)) =>
    tokens.learn({ callee: 'identity', token, refusal })
  return { tokens, refusalOf, learn, there, logged }
}

test.each([
  ['ahead', TWO_MINUTES, 'SERVICE_TOKEN_EXPIRED'],
  ['behind', -TWO_MINUTES, 'SERVICE_TOKEN_EARLY'],
])('a callee whose clock is two minutes %s is spoken to in its time', (_where, ahead, code) => {
  const { tokens, refusalOf, learn } = createWorld(ahead)
  const token = tokens.mint(asked)
  expect(refusalOf(token)?.code).toBe(code)
  expect(tokens.clockOffsets()).toEqual({})
  expect(learn(token)).toBe(true)
  expect(tokens.clockOffsets()).toEqual({ identity: ahead })
  expect(refusalOf(tokens.mint(asked))).toBeNull()
})

test('only the callee can tell its time, and only of the token that it refused', () => {
  const { tokens, refusalOf, learn } = createWorld(TWO_MINUTES)
  const [token, other] = [tokens.mint(asked), tokens.mint(asked)]
  const told = refusalOf(token) as DomainError
  const { now, seal } = told.extensions as { now: number; seal: string }
  const saying = (details: Record<string, string | number>, { code } = told) =>
    new DomainError(code, 'no', details)
  expect(learn(other, told)).toBe(false)
  expect(learn(token, saying({ now: now + 1, seal }))).toBe(false)
  expect(learn(token, saying({ now }))).toBe(false)
  expect(learn(token, saying({ now, seal: '' }))).toBe(false)
  expect(learn(token, saying({ now, seal }, { ...told, code: 'SERVICE_TOKEN_INVALID' }))).toBe(
    false,
  )
  expect(tokens.clockOffsets()).toEqual({})
  expect(learn(token, saying({ now, seal }))).toBe(true)
})

test('a clock further than ten minutes is not followed, and that is told once', () => {
  const { tokens, learn, logged } = createWorld(600_001)
  expect(learn(tokens.mint(asked))).toBe(false)
  expect(learn(tokens.mint(asked))).toBe(false)
  expect(tokens.clockOffsets()).toEqual({})
  expect(logged).toMatchObject([
    { msg: 'a clock is too far to be followed', callee: 'identity', offsetMs: 600_001 },
  ])
  const near = createWorld(600_000)
  expect(near.learn(near.tokens.mint(asked))).toBe(true)
})

test('a difference is told once, and again when it changes by more than a second', () => {
  const { tokens, learn, logged, there } = createWorld(TWO_MINUTES)
  const stale = [tokens.mint(asked), tokens.mint(asked), tokens.mint(asked)]
  const offsets = () => logged.map(({ offsetMs }) => offsetMs)
  expect(stale.map((token) => learn(token))).toEqual([true, true, true])
  expect(offsets()).toEqual([TWO_MINUTES])
  there.advance(1_000)
  learn(stale[0] ?? '')
  expect(offsets()).toEqual([TWO_MINUTES])
  there.advance(60_000)
  learn(stale[0] ?? '')
  expect(offsets()).toEqual([TWO_MINUTES, TWO_MINUTES + 61_000])
})
