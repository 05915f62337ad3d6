import { GraphQLError } from 'graphql'
import { expect, test } from 'vitest'
import { withoutSuggestion } from '#gateway/access/suggestions.ts'

const told = (message: string) => withoutSuggestion(new GraphQLError(message)).message

test.each([
  [
    'Cannot query field "nam" on type "Reader". Did you mean "name"?',
    'Cannot query field "nam" on type "Reader".',
  ],
  ['One. Did you mean "a", "b", or "c"? Two. Did you mean "d"? Three.', 'One. Two. Three.'],
  ['Nothing stands near it.', 'Nothing stands near it.'],
  ['It ends. Did you mean ', 'It ends. Did you mean '],
])('%s', (message, without) => {
  expect(told(message)).toBe(without)
})

test('a message that quotes the words without end costs no more than reading it', () => {
  const quoted = ' Did you mean '.repeat(200_000)
  const begun = performance.now()
  expect(told(quoted)).toBe(quoted)
  expect(performance.now() - begun).toBeLessThan(1_000)
})
