import { expect, test } from 'vitest'
import { subgraphStreams } from '#kernel/config/subgraph-stream-settings.ts'

test('subgraphs are named each with its way', () => {
  expect(subgraphStreams.read('prices=ws')).toEqual({ prices: 'ws' })
  expect(subgraphStreams.read('a=callback')).toEqual({ a: 'callback' })
  expect(subgraphStreams.read('prices=ws, match-day=ws')).toEqual({
    prices: 'ws',
    'match-day': 'ws',
  })
})

test.each([
  '',
  'prices',
  'prices=',
  '=ws',
  'prices=sse2',
  'prices=ws,',
  'a=ws,a=ws',
  'a b=ws',
  '__proto__',
])('the text “%s” is refused', (text) => {
  expect(subgraphStreams.read(text)).toBeUndefined()
})

test('no more than a hundred are named, and a name is nothing but a name', () => {
  const named = (count: number) => Array.from({ length: count }, (_, at) => `s${at}=ws`).join(',')
  expect(Object.keys(subgraphStreams.read(named(100)) ?? {})).toHaveLength(100)
  expect(subgraphStreams.read(named(101))).toBeUndefined()
  expect(Object.hasOwn(subgraphStreams.read('__proto__=ws') ?? {}, '__proto__')).toBe(true)
})
