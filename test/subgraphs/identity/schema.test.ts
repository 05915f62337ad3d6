import { isInputObjectType, isObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { SCOPE_NAMES } from '#kernel/auth/scopes.ts'
import { schema } from '#subgraphs/identity/schema.ts'
import { IDENTITY_SCOPES } from '#subgraphs/identity/scopes.ts'

test('only two fields of the roots are public', () => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const open = roots.flatMap((root) =>
    Object.values(root?.getFields() ?? {})
      .filter(({ extensions }) => (extensions.access as { public?: boolean } | undefined)?.public)
      .map(({ name }) => name),
  )
  expect(open.sort()).toEqual(['refreshTokens', 'signIn'])
})

test('the scopes of the fields are known and declared', () => {
  const types = Object.values(schema.getTypeMap())
  const fields = types.flatMap((type) =>
    isObjectType(type) || isInputObjectType(type) ? Object.values(type.getFields()) : [],
  )
  const asked = [...types, ...fields].flatMap(({ extensions }) =>
    ((extensions.access as { scopes?: string[][] } | null)?.scopes ?? []).flat(),
  )
  expect(asked.length).toBeGreaterThan(10)
  expect(asked.filter((scope) => !SCOPE_NAMES.includes(scope as never))).toEqual([])
  expect(asked.filter((scope) => !IDENTITY_SCOPES.includes(scope as never))).toEqual([])
})
