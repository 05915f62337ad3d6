import { expect, test } from 'vitest'
import {
  variablesWithoutSecrets,
  withoutSecrets,
} from '../../console/src/pages/playground/without-secrets.ts'

const SIGN_IN =
  'mutation ($p: String!) { signIn(input: { email: "a@b.c", password: $p }) { reach } }'

test.each([
  ['a string', '{ a(password: "hunter2") }'],
  ['a block string', '{ a(password: """hunter2""") }'],
  ['a block string of many lines', '{ a(password: """\n  \\"""hunter2\n""", b: "stays") }'],
  ['a string after a comment', '{ a(password: # this one\n "hunter2") }'],
  ['a list', '{ a(tokens: ["x", "hunter2"]) }'],
  ['an object in a secret place', '{ a(secret: { password: "hunter2", is: "hunter2" }) }'],
  ['a default', 'query ($password: String! = "hunter2") { a(b: $password) }'],
  ['a default passed on', 'query ($p: String = "hunter2") { a(password: $p) }'],
  ['what cannot be read yet', '{ a(newPassword: "hunter2", b: '],
  ['a block string that is not closed', '{ a(password: """hunter2'],
  ['a comment', '# password: "hunter2"\n{ a }'],
])('what is kept of an operation holds no secret: %s', (_name, text) => {
  expect(withoutSecrets(text)).not.toContain('hunter2')
})

test('all else of an operation is kept as it was typed', () => {
  const text = '# Of one.\n{ a(name: "Ann",  note: """two\nlines""") { tokenType } }\n'
  expect(withoutSecrets(text)).toBe(text)
  expect(withoutSecrets('{ a(password: "x", b: """y""") }')).toBe('{ a(password: "", b: """y""") }')
})

test('keys and tokens are known by their form, wherever they stand', () => {
  expect(withoutSecrets('# dsk_live_abcdefgh12345\n{ a }')).toBe('# \n{ a }')
  expect(variablesWithoutSecrets('{ a }', '{"x":"dsk_live_abcdefgh12345"}')).toBe('{"x":""}')
})

test.each([
  ['an argument', 'mutation ($p: String!) { a(password: $p) }'],
  ['a field of an input', SIGN_IN],
  ['something within one', 'mutation ($p: String!) { a(secret: { is: [$p] }) }'],
  ['an operation that is half typed', 'mutation ($p: String!) { a(password: $p'],
])('variables that are passed to a secret place are not kept: %s', (_name, text) => {
  expect(variablesWithoutSecrets(text, '{"p":"hunter2"}')).toBe('')
})

test('variables under secret names are emptied, however deep', () => {
  const text = 'mutation ($input: SignInInput!) { signIn(input: $input) { reach } }'
  const variables = '{"input":{"email":"a@b.c","password":"hunter2","tokens":[{"is":"hunter2"}]}}'
  expect(JSON.parse(variablesWithoutSecrets(text, variables))).toEqual({
    input: { email: 'a@b.c', password: '', tokens: [{ is: '' }] },
  })
  expect(variablesWithoutSecrets(text, '{"input":{"password":"hunter2"')).not.toContain('hunter2')
  expect(variablesWithoutSecrets(text, '{"input":{"password":"hunter2')).not.toContain('hunter2')
})

test('other variables are kept as they were typed', () => {
  const variables = '{ "first":  5 }'
  expect(variablesWithoutSecrets('query ($first: Int) { a(first: $first) }', variables)).toBe(
    variables,
  )
})
