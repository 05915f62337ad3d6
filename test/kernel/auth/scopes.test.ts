import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ALL_SCOPES,
  checkPermissions,
  expandPermissions,
  isPermission,
  isScope,
  SCOPE_NAMES,
  satisfies,
} from '#kernel/auth/scopes.ts'

describe('the table of scopes', () => {
  test('has 49 well-formed names, each with a sentence', () => {
    expect(SCOPE_NAMES).toHaveLength(49)
    expect(SCOPE_NAMES.filter((name) => !isScope(name))).toEqual([])
    expect(Object.values(ALL_SCOPES).filter((sentence) => !/^[A-Z].+\.$/.test(sentence))).toEqual(
      [],
    )
  })
})

describe('permissions', () => {
  test('resource:* gives every known action of that resource and of no other', () => {
    expect(expandPermissions(['users:*'])).toEqual(['users:read', 'users:write'])
    expect(expandPermissions(['sessions:*', 'odds:read'])).toEqual([
      'odds:read',
      'sessions:read',
      'sessions:revoke',
    ])
  })

  test('*:* gives every known scope', () => {
    expect(expandPermissions(['*:*'])).toEqual([...SCOPE_NAMES])
  })

  test('a resource whose name begins like another gives nothing of the other', () => {
    expect(expandPermissions(['user:*'], ['user:read', 'users:read'])).toEqual(['user:read'])
  })

  test('a permission for an unknown scope gives nothing', () => {
    expect(expandPermissions(['moon:read', 'moon:*'])).toEqual([])
  })

  test('other texts are no permissions and are refused', () => {
    const wrong = [
      '',
      '*',
      'users',
      'users:',
      ':read',
      '*:read',
      'users:**',
      'users:re*',
      'Users:read',
    ]
    expect(wrong.filter(isPermission)).toEqual([])
    for (const text of [
      ...wrong,
      'users:read ',
      'users:read\n',
      'a:b:c',
      `${'a'.repeat(33)}:read`,
    ]) {
      expect(() => expandPermissions([text])).toThrow(
        expect.objectContaining({ code: 'PERMISSION_INVALID' }),
      )
    }
  })

  test('a role may hold what gives something, and nothing that gives nothing', () => {
    expect(() => checkPermissions(['users:read', 'odds:*', '*:*'])).not.toThrow()
    expect(() => checkPermissions(['users:read', 'moon:*'])).toThrow(
      expect.objectContaining({
        code: 'PERMISSION_INVALID',
        extensions: { code: 'PERMISSION_INVALID', permission: 'moon:*' },
      }),
    )
  })

  test('expansion is sorted, without doubles, within the known, and stable', () => {
    const permission = fc.constantFrom(
      '*:*',
      ...SCOPE_NAMES,
      ...SCOPE_NAMES.map((name) => `${name.split(':')[0]}:*`),
    )
    fc.assert(
      fc.property(fc.array(permission, { maxLength: 12 }), (permissions) => {
        const expanded = expandPermissions(permissions)
        expect(expanded).toEqual([...new Set(expanded)].sort())
        expect(expandPermissions(expanded)).toEqual(expanded)
        expect(expanded.every((scope) => Object.hasOwn(ALL_SCOPES, scope))).toBe(true)
      }),
    )
  })
})

describe('satisfies', () => {
  test('outer lists are alternatives, inner lists are needed together', () => {
    const required = [['users:read', 'roles:read'], ['security:read']]
    expect(satisfies(['users:read', 'roles:read'], required)).toBe(true)
    expect(satisfies(['security:read'], required)).toBe(true)
    expect(satisfies(['users:read'], required)).toBe(false)
    expect(satisfies([], required)).toBe(false)
  })

  test('an empty outer list asks for nothing', () => {
    expect(satisfies([], [])).toBe(true)
  })

  test('lists and sets answer alike, and more rights never take an answer away', () => {
    const scope = fc.constantFrom(...SCOPE_NAMES.slice(0, 6))
    const required = fc.array(fc.array(scope, { maxLength: 3 }), { maxLength: 3 })
    fc.assert(
      fc.property(fc.array(scope), fc.array(scope), required, (granted, more, wanted) => {
        const answer = satisfies(granted, wanted)
        expect(satisfies(new Set(granted), wanted)).toBe(answer)
        if (answer) expect(satisfies([...granted, ...more], wanted)).toBe(true)
      }),
    )
  })
})
