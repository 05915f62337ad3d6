import { print, validate } from 'graphql'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Policies } from '#gateway/access/policies.ts'
import {
  anonymous,
  ask,
  federatedWorld,
  type Loaded,
  loadWorld,
  operationOf,
  viewerWith,
  type World,
} from '../engine/federated-world.ts'
import { withoutRulesOnAnimal, zoo } from './zoo.ts'

let world: World
let loaded: Loaded

beforeAll(async () => {
  world = federatedWorld(zoo)
  const policies: Policies = {
    director: ({ viewer: { scopes } }) => scopes.includes('director:be'),
    planner: () => true,
  }
  loaded = await loadWorld(world, { enforcer: { policies } })
})

const everything = viewerWith('email:read', 'people:read', 'money:read', 'ids:read', 'cats:read')

async function filtered(query: string, viewer = anonymous) {
  const asked = operationOf(query)
  const operation = loaded.authorise(asked, viewer, await loaded.policiesFor(asked, viewer))
  if (!operation.isFullyDenied) expect(validate(loaded.apiSchema, operation.document)).toEqual([])
  return {
    text: operation.isFullyDenied ? null : operation.text,
    paths: operation.removedPaths.map(({ path }) => path.join('.')),
  }
}

describe('a refused field', () => {
  test('answers null with one error of its path, and the rest is answered', async () => {
    expect(
      await ask(loaded, { query: '{ me { name email } open }', viewer: viewerWith() }),
    ).toMatchInlineSnapshot(`
        {
          "data": {
            "me": {
              "email": null,
              "name": "name of k1",
            },
            "open": "open",
          },
          "errors": [
            {
              "extensions": {
                "code": "UNAUTHORIZED_FIELD_OR_TYPE",
              },
              "message": "Unauthorized field or type",
              "path": [
                "me",
                "email",
              ],
            },
          ],
        }
      `)
  })

  test('is answered to whom all scopes of one alternative were given', async () => {
    const query = '{ me { email } }'
    const answer = { data: { me: { email: 'k1@zoo.example' } } }
    expect(await ask(loaded, { query, viewer: viewerWith('all:read') })).toEqual(answer)
    expect(await ask(loaded, { query, viewer: viewerWith('email:read', 'people:read') })).toEqual(
      answer,
    )
    const refused = await ask(loaded, { query, viewer: viewerWith('email:read') })
    expect(refused.data).toBeNull()
  })

  test('never reaches a subgraph', async () => {
    world.calls.length = 0
    await ask(loaded, { query: '{ me { name email } secret }' })
    expect(world.calls.map(({ query }) => query).join()).not.toMatch(/email|secret/)
  })

  test('that may not be null takes its parent with it', async () => {
    const answer = await ask(loaded, { query: '{ me { name salary } open }' })
    expect(answer.data).toEqual({ me: null, open: 'open' })
    expect(answer.errors?.map(({ path }) => path)).toEqual([['me', 'salary']])
  })

  test('under lists is named once, with @ for the elements', async () => {
    const answer = await ask(loaded, { query: '{ keepers { name email } }', viewer: viewerWith() })
    expect(answer.data).toEqual({
      keepers: [
        { name: 'name of k1', email: null },
        { name: 'name of k2', email: null },
      ],
    })
    expect(answer.errors?.map(({ path }) => path)).toEqual([['keepers', '@', 'email']])
  })

  test('is null under each alias, in the order of the client', async () => {
    const answer = await ask(loaded, { query: '{ z: me { b: email a: name c: email } a: open }' })
    expect(JSON.stringify(answer.data)).toBe(
      '{"z":{"b":null,"a":"name of k1","c":null},"a":"open"}',
    )
    expect(answer.errors?.map(({ path }) => path?.join('.'))).toEqual(['z.b', 'z.c'])
  })

  test('takes with it a parent of which nothing is left', async () => {
    expect(await filtered('{ open me { email } }')).toEqual({
      text: '{\n  open\n}',
      paths: ['me.email'],
    })
  })

  test('answers data: null where nothing is left at all', async () => {
    const answer = await ask(loaded, { query: '{ secret me { email } }' })
    expect(answer.data).toBeNull()
    expect(answer.errors?.map(({ path }) => path?.join('.'))).toEqual(['secret', 'me.email'])
  })

  test('that is the key of an entity still joins, and is not answered', async () => {
    const query = '{ me { id shifts { day } } }'
    const answer = await ask(loaded, { query: query.replace('id ', 'name id '), viewer: anonymous })
    expect(answer.data).toEqual({ me: null })
    const nameless = await ask(loaded, { query: '{ me { shifts { day } } }' })
    expect(nameless).toEqual({ data: { me: { shifts: [{ day: 'monday of k1' }] } } })
  })
})

describe('each directive', () => {
  test('@authenticated asks for any identity', async () => {
    expect((await filtered('{ open secret mood }')).paths).toEqual(['secret', 'mood'])
    expect((await filtered('{ open secret mood }', viewerWith())).paths).toEqual([])
  })

  test('@policy asks registered functions, and an unknown policy is denied', async () => {
    expect((await filtered('{ open plan }', viewerWith('director:be'))).paths).toEqual([])
    // `planner` is granted and `day-shift` is registered nowhere.
    expect((await filtered('{ open plan }', viewerWith('all:read'))).paths).toEqual(['plan'])
  })

  test('counts on the named type that a field returns', async () => {
    expect((await ask(loaded, { query: '{ open mood }' })).data).toEqual({
      open: 'open',
      mood: null,
    })
  })

  test('stages follow one another on what the one before has left', () => {
    const operation = loaded.authorise(
      operationOf('{ plan me { email shifts { notes } } open }'),
      anonymous,
    )
    expect(operation.removedPaths.map(({ stage, path }) => [stage, path.join('.')])).toEqual([
      ['authenticated', 'me.shifts.@.notes'],
      ['scopes', 'me.email'],
      ['policies', 'plan'],
    ])
  })
})

describe('interfaces and unions', () => {
  let bare: Loaded
  const refusedPaths = (of: Loaded, query: string) =>
    of.authorise(operationOf(query), anonymous).removedPaths.map(({ path }) => path.join('.'))

  beforeAll(async () => {
    bare = await loadWorld(federatedWorld(zoo, withoutRulesOnAnimal))
  })

  test('an interface without rules of its own leaks no implementer', async () => {
    const query = '{ open animals { name } }'
    for (const each of [bare, loaded]) {
      expect(refusedPaths(each, query)).toEqual(['animals'])
      expect(await ask(each, { query })).toMatchObject({ data: { open: 'open', animals: null } })
      const allowed = await ask(each, { query, viewer: viewerWith('cats:read') })
      expect(allowed.data).toEqual({ open: 'open', animals: [{ name: 'Rex' }, { name: 'Tom' }] })
    }
  })

  test('nor does a fragment on the interface, named, unnamed or conditional', () => {
    for (const inside of [
      '... on Animal { name }',
      '...Names',
      '... { name }',
      '... @include(if: true) { ... { name } }',
    ]) {
      const query = `{ open animals { ${inside} } pets { ...Names } }
        fragment Names on Animal { name }`
      expect(bare.authorise(operationOf(query), anonymous).text, inside).toBe('{\n  open\n}')
    }
  })

  test('a field of the interface needs the field of every implementer to be allowed', async () => {
    const { animals = { sdl: '' } } = zoo
    const sdl = animals.sdl.replace('chip: String purr', 'chip: String @authenticated purr')
    const edit = (composed: string) =>
      composed.replace(/(interface Animal[^}]*chip: String) @authenticated/, '$1')
    const world = federatedWorld({ ...zoo, animals: { ...animals, sdl } }, (composed) =>
      withoutRulesOnAnimal(edit(composed)),
    )
    const query = '{ open animals { ... on Dog { chip } ... on Animal { chip } } }'
    const operation = (await loadWorld(world)).authorise(operationOf(query), anonymous)
    expect(operation.removedPaths.map(({ stage, path }) => [stage, path.join('.')])).toEqual([
      ['authenticated', 'animals.@.chip'],
    ])
  })

  test('typed fragments are judged each on its own', async () => {
    const query = '{ animals { __typename ... on Dog { name } ... on Cat { name purr } } }'
    const answer = await ask(bare, { query })
    expect(answer.data).toEqual({
      animals: [
        { __typename: 'Dog', name: 'Rex' },
        { __typename: 'Cat', name: null, purr: null },
      ],
    })
    expect(answer.errors?.map(({ path }) => path)).toEqual([['animals', '@', '... on Cat']])
  })

  test('a union is reached through fragments alone', async () => {
    const query = '{ pets { ... on Dog { bark } ...Cats } } fragment Cats on Cat { purr }'
    expect((await ask(loaded, { query })).data).toEqual({
      pets: [{ bark: 'wuff' }, { purr: null }],
    })
    expect((await ask(loaded, { query, viewer: everything })).data).toEqual({
      pets: [{ bark: 'wuff' }, { purr: 'rrr' }],
    })
  })
})

describe('the filtered document', () => {
  test('holds no fragment and no variable that nothing uses any more', async () => {
    const query = `
      query Q($on: Boolean!, $show: Boolean!) {
        maybe(on: $on) open @include(if: $show) me { ...Private ...Public }
      }
      fragment Private on Keeper { email }
      fragment Public on Keeper { name boss { ...Private name } }
    `
    expect(await filtered(query)).toMatchInlineSnapshot(`
      {
        "paths": [
          "maybe",
          "me.email",
          "me.boss.email",
        ],
        "text": "query Q($show: Boolean!) {
        open @include(if: $show)
        me {
          ...Public
        }
      }

      fragment Public on Keeper {
        name
        boss {
          name
        }
      }",
      }
    `)
    const answer = await ask(loaded, { query, variables: { on: true, show: false } })
    expect(answer.data).toEqual({
      maybe: null,
      me: { email: null, name: 'name of k1', boss: { email: null, name: 'name of k2' } },
    })
  })

  test('skips what the client skipped, refused or not', async () => {
    const query =
      'query ($no: Boolean!) { open me { name email @include(if: $no) } secret @include(if: $no) }'
    expect((await ask(loaded, { query, variables: { no: false } })).data).toEqual({
      open: 'open',
      me: { name: 'name of k1' },
    })
  })

  test('is the very document of the client where nothing is refused', () => {
    const operation = operationOf('{ open }')
    expect(loaded.authorise(operation, anonymous).document).toBe(operation.document)
  })

  test('is shared by viewers with the same rights and by no others', () => {
    const query = '{ open secret }'
    const first = loaded.authorise(operationOf(query), viewerWith('email:read'))
    expect(loaded.authorise(operationOf(query), viewerWith('email:read', 'other:read'))).toBe(first)
    expect(loaded.authorise(operationOf(query), anonymous)).not.toBe(first)
  })

  test('is never that of another document, whatever source is told beside it', () => {
    const secret = { ...operationOf('{ open secret }'), text: '' }
    const open = { ...operationOf('{ open }'), text: '' }
    expect(loaded.authorise(secret, viewerWith()).text).toContain('secret')
    expect(loaded.authorise(open, viewerWith()).text).not.toContain('secret')
  })

  test('is made of the operation that was named', () => {
    const text = 'query A { open } query B { secret open }'
    const operation = loaded.authorise({ ...operationOf(text), operationName: 'B' }, anonymous)
    expect(print(operation.document)).toBe('query B {\n  open\n}')
    expect(() => loaded.authorise(operationOf(text), anonymous)).toThrow(
      expect.objectContaining({ code: 'OPERATION_UNKNOWN' }),
    )
  })
})

describe('other roots', () => {
  test('mutations are filtered before anything is changed', async () => {
    world.calls.length = 0
    const query = 'mutation { fire(id: 1) { name } }'
    expect((await ask(loaded, { query })).data).toBeNull()
    expect(world.calls).toEqual([])
    const allowed = await ask(loaded, { query, viewer: viewerWith('keepers:write') })
    expect(allowed).toEqual({ data: { fire: { name: 'name of k2' } } })
  })

  test('subscriptions are filtered like queries', async () => {
    expect((await filtered('subscription { fed { name email } }')).text).toBe(
      'subscription {\n  fed {\n    name\n  }\n}',
    )
    expect((await filtered('subscription { escaped { __typename } }')).text).toBeNull()
  })

  test('introspection is never filtered', async () => {
    const query =
      '{ __typename __type(name: "Cat") { name } secret __schema { queryType { name } } }'
    const answer = await ask(loaded, { query })
    expect(answer.data).toEqual({
      __typename: 'Query',
      __type: { name: 'Cat' },
      secret: null,
      __schema: { queryType: { name: 'Query' } },
    })
  })
})

describe('response keys', () => {
  test('may be names of the object prototype', async () => {
    const query = '{ __proto__: open constructor: me { __proto__: name toString: email } }'
    const answer = await ask(loaded, { query })
    expect(JSON.stringify(answer.data)).toBe(
      '{"__proto__":"open","constructor":{"__proto__":"name of k1","toString":null}}',
    )
    expect(({} as Record<string, unknown>).name).toBeUndefined()
  })

  test('__typename belongs to the field of this name', async () => {
    await expect(filtered('{ animals { __typename: id } }')).rejects.toThrow(
      expect.objectContaining({ code: 'RESPONSE_KEY_RESERVED' }),
    )
    expect((await filtered('{ animals { kind: __typename } }', everything)).paths).toEqual([])
  })
})
