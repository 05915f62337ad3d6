import { afterEach, describe, expect, test, vi } from 'vitest'
import { createInFlight } from '#gateway/transport/in-flight.ts'

afterEach(() => vi.useRealTimers())

/** Work that a test ends by hand, and how often it was begun. */
function work() {
  const begun: { signal: AbortSignal; outcome: PromiseWithResolvers<string> }[] = []
  const begin = (signal: AbortSignal) => {
    const outcome = Promise.withResolvers<string>()
    begun.push({ signal, outcome })
    return outcome.promise
  }
  return { begun, begin }
}

const staying = new AbortController().signal

describe('work that is under way', () => {
  test('is begun once for all who ask for it, and told to each', async () => {
    const { begun, begin } = work()
    const inFlight = createInFlight<string>()
    const all = [1, 2, 3].map(() => inFlight.join('odds', staying, begin))
    expect(begun).toHaveLength(1)
    begun[0]?.outcome.resolve('told')
    expect(await Promise.all(all)).toEqual(['told', 'told', 'told'])
    expect(inFlight.size).toBe(0)
  })

  test('of another key is begun beside it', () => {
    const { begun, begin } = work()
    const inFlight = createInFlight<string>()
    for (const key of ['odds', 'bets']) void inFlight.join(key, staying, begin)
    expect(begun).toHaveLength(2)
    expect(inFlight.size).toBe(2)
  })

  test('that fails, fails for all, and the next one begins anew', async () => {
    const { begun, begin } = work()
    const inFlight = createInFlight<string>()
    const all = [1, 2].map(() => inFlight.join('odds', staying, begin))
    begun[0]?.outcome.reject(new Error('away'))
    for (const one of all) await expect(one).rejects.toThrow('away')
    const next = inFlight.join('odds', staying, begin)
    begun[1]?.outcome.resolve('back')
    expect(await next).toBe('back')
  })

  test('goes on while somebody waits, and is given up when the last has left', async () => {
    const { begun, begin } = work()
    const inFlight = createInFlight<string>()
    const [one, other] = [new AbortController(), new AbortController()]
    const first = inFlight.join('odds', one.signal, begin)
    const second = inFlight.join('odds', other.signal, begin)
    one.abort(new Error('first left'))
    await expect(first).rejects.toThrow('first left')
    expect(begun[0]?.signal.aborted).toBe(false)
    other.abort(new Error('second left'))
    await expect(second).rejects.toThrow('second left')
    expect(begun[0]?.signal.aborted).toBe(true)
  })

  test('that was given up is not joined by whoever comes then', async () => {
    const { begun, begin } = work()
    const inFlight = createInFlight<string>()
    const leaving = new AbortController()
    const left = inFlight.join('odds', leaving.signal, begin)
    leaving.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    const next = inFlight.join('odds', staying, begin)
    begun[0]?.outcome.resolve('of the one who left')
    begun[1]?.outcome.resolve('fresh')
    expect(await next).toBe('fresh')
  })

  test('is not begun for whoever has left already', async () => {
    const { begun, begin } = work()
    const left = AbortSignal.abort(new Error('left'))
    await expect(createInFlight<string>().join('odds', left, begin)).rejects.toThrow('left')
    expect(begun).toHaveLength(0)
  })

  test('is not joined once something was changed', async () => {
    const { begun, begin } = work()
    const inFlight = createInFlight<string>()
    const before = inFlight.join('odds', staying, begin)
    inFlight.close()
    const after = inFlight.join('odds', staying, begin)
    begun[1]?.outcome.resolve('after')
    begun[0]?.outcome.resolve('before')
    expect(await Promise.all([before, after])).toEqual(['before', 'after'])
    expect(inFlight.size).toBe(0)
  })

  test('is not joined by whoever comes half a second later', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const { begun, begin } = work()
    const inFlight = createInFlight<string>()
    void inFlight.join('odds', staying, begin)
    vi.advanceTimersByTime(499)
    void inFlight.join('odds', staying, begin)
    expect(begun).toHaveLength(1)
    vi.advanceTimersByTime(1)
    void inFlight.join('odds', staying, begin)
    expect(begun).toHaveLength(2)
  })

  test('is as old as what is joined within it later, however deep', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const [fetch, part, whole] = [work(), work(), work()]
    const [fetches, answers] = [createInFlight<string>(), createInFlight<string>()]
    void fetches.join('fetch', staying, fetch.begin)
    vi.advanceTimersByTime(350)
    const askWhole = () =>
      answers.join('whole', staying, (signal) => {
        void answers.join('part', signal, part.begin)
        return whole.begin(signal)
      })
    void askWhole()
    vi.advanceTimersByTime(100)
    void fetches.join('fetch', part.begun[0]?.signal ?? staying, fetch.begin)
    expect(fetch.begun).toHaveLength(1)
    vi.advanceTimersByTime(49)
    void askWhole()
    expect(whole.begun).toHaveLength(1)
    vi.advanceTimersByTime(1)
    void askWhole()
    expect(whole.begun).toHaveLength(2)
  })

  test('is as old as the oldest work that it joined, also of another kind', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const [inner, outer] = [work(), work()]
    const [fetches, answers] = [createInFlight<string>(), createInFlight<string>()]
    void fetches.join('odds', staying, inner.begin)
    vi.advanceTimersByTime(300)
    const joining = (signal: AbortSignal) => {
      void fetches.join('odds', signal, inner.begin)
      return outer.begin(signal)
    }
    void answers.join('board', staying, joining)
    expect(inner.begun).toHaveLength(1)
    vi.advanceTimersByTime(199)
    void answers.join('board', staying, joining)
    expect(outer.begun).toHaveLength(1)
    vi.advanceTimersByTime(1)
    void answers.join('board', staying, joining)
    expect(outer.begun).toHaveLength(2)
    expect(inner.begun).toHaveLength(2)
  })
})
