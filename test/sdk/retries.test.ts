import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDbsbmError } from '../../sdk/src/index.ts'
import { pauseBefore } from '../../sdk/src/retries.ts'
import { openSdkWorld, refusalOf, type Way } from './sdk-world.ts'

const QUESTION = '{ me { id } }'
const CHANGE = 'mutation Change($input: Any!) { change(input: $input) { id } }'
const BESIDE = `mutation($betId: ID!, $input: Any!) {
  change(betId: $betId, input: $input) { ...Made } } fragment Made on Bet { id }`
const KEYED = 'mutation($key: ID!) { change(input: { idempotencyKey: $key }) { id } }'
const OTHERWISE = 'mutation($input: Any!) { change(bet: $input, input: { amount: 1 }) { id } }'
const TWO = `mutation($input: PlaceBetInput!, $betId: ID!) {
  placeBet(input: $input) { id } cashOut(input: { betId: $betId }) { id } }`
const SPREAD = `mutation($input: Any!) { ...Both }
  fragment Both on Mutation { one: change(input: $input) { id } two: change(input: $input) { id } }`
const WITH_KEY = { input: { amount: '1', idempotencyKey: 'my-own-key' } }
const ANSWER = { data: { me: { id: '1' } } }

const answered = () => Response.json(ANSWER)
const refused = (status: number, headers: Record<string, string> = {}, code = 'BUDGET_EXHAUSTED') =>
  Response.json({ errors: [{ message: 'No.', extensions: { code } }] }, { status, headers })

/** Fails so often before it answers. */
const failing = (times: number, fail: () => Response): Way => {
  let left = times
  return () => (left-- > 0 ? fail() : answered())
}
const cut = () => {
  throw new TypeError('fetch failed')
}
const SOON = { 'retry-after': '0' }
const open = (way: Way) => openSdkWorld({ url: 'http://platform.example/graphql' }, way)

describe('a question that fails in passing', () => {
  test.each<[string, () => Response]>([
    ['the network', cut],
    ['429', () => refused(429, SOON)],
    ['502 of a proxy', () => new Response('<html>', { status: 502, headers: SOON })],
    ['503', () => refused(503, SOON, 'SERVICE_DRAINING')],
    ['504', () => refused(504, SOON, 'REQUEST_TIMEOUT')],
    ['a code that passes, with 200', () => refused(200, SOON, 'SUBGRAPH_UNREACHABLE')],
  ])('by %s is asked again', async (_what, fail) => {
    await using client = open(failing(2, fail))
    expect(await client.query(QUESTION)).toEqual(ANSWER.data)
    expect(client.sent).toHaveLength(3)
  })

  test('is told after its tries', async () => {
    await using client = open(failing(9, cut))
    expect(await refusalOf(client.query(QUESTION, {}, { retries: 1 }))).toMatchObject({
      code: 'NETWORK_UNREACHABLE',
      cause: expect.any(TypeError),
    })
    expect(client.sent).toHaveLength(2)
  })

  test('is told at once where it shall wait longer than it may take', async () => {
    await using client = open(failing(9, () => refused(429, { 'retry-after': '60' })))
    expect(await refusalOf(client.query(QUESTION))).toMatchObject({
      code: 'BUDGET_EXHAUSTED',
      retryAfter: 60,
      status: 429,
    })
    expect(client.sent).toHaveLength(1)
  })

  test.each([400, 401, 403, 413, 500])(
    'but one that fails by %i is not asked again',
    async (status) => {
      await using client = open(failing(9, () => refused(status, {}, 'BAD_REQUEST')))
      expect(await refusalOf(client.query(QUESTION))).toMatchObject({ code: 'BAD_REQUEST', status })
      expect(client.sent).toHaveLength(1)
    },
  )
})

describe('a change that fails in passing', () => {
  test('is sent again where its input carries a key', async () => {
    await using client = open(failing(2, cut))
    expect(await client.mutate(CHANGE, WITH_KEY)).toEqual(ANSWER.data)
    expect(client.sent).toHaveLength(3)
    expect(client.sent.map(({ variables }) => variables)).toEqual(Array(3).fill(WITH_KEY))
  })

  test.each<[string, string, Record<string, unknown>]>([
    ['beside a variable', BESIDE, { ...WITH_KEY, betId: '1' }],
    ['in the text', 'mutation { change(input: { idempotencyKey: "my-own-key" }) { id } }', {}],
    ['by a variable in the text', KEYED, { key: 'my-own-key' }],
  ])('is sent again where its key stands %s', async (_where, text, variables) => {
    await using client = open(failing(1, () => refused(503, SOON)))
    expect(await client.mutate(text, variables)).toEqual(ANSWER.data)
  })

  test.each<[string, string, Record<string, unknown>]>([
    ['carries none', CHANGE, { input: { amount: '1' } }],
    ['is not there', CHANGE, {}],
    ['is no object', CHANGE, { input: 'idempotencyKey' }],
    ['carries a key that is no text', CHANGE, { input: { idempotencyKey: null } }],
    ['carries a number for a key', 'mutation { change(input: { idempotencyKey: 1 }) { id } }', {}],
    ['is another variable than the key', KEYED, { ...WITH_KEY, key: null }],
    ['carries none, as another argument does', OTHERWISE, WITH_KEY],
    ['is beside a key, not above it', CHANGE, { idempotencyKey: 'my-own-key', input: { a: {} } }],
    ['is that of two changes', TWO, { ...WITH_KEY, betId: '1' }],
    ['may be that of two changes', SPREAD, WITH_KEY],
    ['stands in what cannot be read', 'mutation ($input: Any!) { change(input $input) }', WITH_KEY],
  ])('is not sent again where its input %s', async (_what, text, variables) => {
    await using client = open(failing(2, cut))
    expect(await refusalOf(client.mutate(text, variables))).toMatchObject({
      code: 'NETWORK_UNREACHABLE',
    })
    expect(client.sent).toHaveLength(1)
  })

  test('is sent again, or not, where its caller says so', async () => {
    await using client = open(failing(1, cut))
    expect(await client.mutate(CHANGE, {}, { idempotent: true })).toEqual(ANSWER.data)
    await using other = open(failing(1, cut))
    const refusal = await refusalOf(other.mutate(CHANGE, WITH_KEY, { idempotent: false }))
    expect(refusal).toMatchObject({ code: 'NETWORK_UNREACHABLE' })
  })
})

test('headers that cannot be sent are refused without being told', async () => {
  const url = 'http://platform.example/graphql'
  const open = async () => openSdkWorld({ url, headers: { 'x-partner': 'abc\ndef-SECRET' } })
  const refusal = await refusalOf(open())
  expect(refusal).toMatchObject({ code: 'OPTIONS_INVALID' })
  expect(inspect(refusal)).not.toContain('SECRET')
})

describe('a call', () => {
  const silent: Way = () => new Promise(() => {})

  test('ends when its time is over', async () => {
    await using client = open(silent)
    const refusal = await refusalOf(client.query(QUESTION, {}, { timeoutMs: 30 }))
    expect(refusal).toMatchObject({ code: 'TIMED_OUT' })
  })

  test('ends when its caller gives up, also before it begins', async () => {
    const controller = new AbortController()
    await using client = open(() => {
      controller.abort('enough')
      return new Promise(() => {})
    })
    const waiting = refusalOf(client.query(QUESTION, {}, { signal: controller.signal }))
    const aborted = { code: 'CALL_ABORTED', cause: 'enough' }
    expect(await waiting).toMatchObject(aborted)
    const late = refusalOf(client.query(QUESTION, {}, { signal: controller.signal }))
    expect(await late).toMatchObject(aborted)
    expect(client.sent).toHaveLength(1)
  })

  test.each<[string, () => Response]>([
    ['a page', () => new Response('<html>')],
    ['a list', () => Response.json([])],
    ['an empty object', () => Response.json({})],
    ['errors that are none', () => Response.json({ errors: 'all' })],
  ])('that is answered by %s says so', async (_what, answer) => {
    await using client = open(answer)
    expect(await refusalOf(client.query(QUESTION))).toMatchObject({ code: 'ANSWER_INVALID' })
  })

  test('that is refused with a code of a later version keeps it', async () => {
    await using client = open(() => refused(400, {}, 'CODE_OF_TOMORROW'))
    const refusal = await refusalOf(client.query(QUESTION))
    if (!isDbsbmError(refusal, 'CODE_UNKNOWN')) throw refusal
    expect(refusal.errors[0]?.extensions?.code).toBe('CODE_OF_TOMORROW')
  })
})

test('a pause is as long as was told, else grows within bounds', () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
  fc.assert(
    fc.property(fc.nat(60), unit, fc.option(fc.nat(600)), (tries, share, retryAfter) => {
      const pause = pauseBefore(tries, { retryAfter, random: () => share })
      const told = (retryAfter ?? 0) * 1000
      expect(pause).toBeGreaterThanOrEqual(retryAfter === null ? 100 : told)
      expect(pause).toBeLessThanOrEqual(retryAfter === null ? 30_000 : told + 100)
    }),
  )
})
