import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FetchSubgraph } from '#gateway/engine/execute-plan.ts'
import { createSupergraph, type SupergraphOptions } from '#gateway/supergraph.ts'
import { patientPlanning, plannerProcesses } from '../kit/planner-processes.ts'
import { zoo } from './access/zoo.ts'
import {
  anonymous,
  composeSdl,
  federatedWorld,
  LINK,
  operationOf,
  type SubgraphSource,
  silentLog,
} from './engine/federated-world.ts'

const cleanups: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function supergraphOf(options: Partial<SupergraphOptions>) {
  const service = await createSupergraph({
    enforcer: { policies: {} },
    log: silentLog,
    processes: plannerProcesses,
    planning: patientPlanning,
    ...options,
  } as SupergraphOptions)
  cleanups.push(service.close)
  return service
}

const version = (answer: string): Record<string, SubgraphSource> => ({
  clock: {
    sdl: `${LINK} type Query { ${answer}: String }`,
    resolvers: { Query: { [answer]: () => answer } },
  },
})

async function answers(
  service: Awaited<ReturnType<typeof supergraphOf>>,
  query: string,
  fetchSubgraph: FetchSubgraph = federatedWorld(version('one')).fetchSubgraph,
): Promise<unknown> {
  const loaded = service.current()
  const filtered = loaded.authorise(operationOf(query), anonymous)
  const { data } = await loaded.executor(filtered, {
    ...{ variables: {}, context: {}, report: () => undefined, fetchSubgraph },
    signal: new AbortController().signal,
  })
  return JSON.parse(JSON.stringify(data))
}

describe('a supergraph with access rules', () => {
  test('is never served without an enforcer', async () => {
    const { sdl, buildDataSource } = federatedWorld(zoo)
    await expect(supergraphOf({ sdl, buildDataSource, enforcer: null })).rejects.toMatchObject({
      code: 'SUPERGRAPH_UNENFORCED',
    })
    const service = await supergraphOf({ sdl, buildDataSource })
    expect(service.current().sdl).not.toContain('requiresScopes')
    expect(service.current().subgraphs).toEqual([
      { name: 'animals', url: 'http://animals' },
      { name: 'shifts', url: 'http://shifts' },
    ])
  })

  const imported = (version: string, imports: string, field: string) => ({
    house: {
      sdl: `
        extend schema @link(url: "https://specs.apollo.dev/federation/${version}", import: [${imports}])
        type Query { open: String secret: String ${field} }
      `,
    },
  })
  const RENAMED = '{ name: "@requiresScopes", as: "@need" }'
  const NAMESPACED = '@federation__requiresScopes(scopes: [["s:read"]])'

  test.each([
    ['renamed', imported('v2.9', RENAMED, '@need(scopes: [["s:read"]])')],
    ['namespaced', imported('v2.9', '', NAMESPACED)],
    ['from an older federation', imported('v2.5', '"@authenticated"', '@authenticated')],
    ['a policy', imported('v2.6', '"@policy"', '@policy(policies: [["p"]])')],
  ])('%s: the enforcer may not be absent either', async (_how, subgraphs) => {
    const { sdl, buildDataSource } = federatedWorld(subgraphs)
    await expect(supergraphOf({ sdl, buildDataSource, enforcer: null })).rejects.toMatchObject({
      code: 'SUPERGRAPH_UNENFORCED',
    })
    const service = await supergraphOf({ sdl, buildDataSource })
    const filtered = service.current().authorise(operationOf('{ open secret }'), anonymous)
    expect(filtered.text).toBe('{\n  open\n}')
  })

  test('nor where the link was forgotten, or is that of the older core specification', async () => {
    const { sdl, buildDataSource } = federatedWorld(
      imported('v2.9', '"@authenticated"', '@authenticated'),
    )
    const link = /@link\(url: "(https:\/\/specs.apollo.dev\/authenticated\/v0.1)"[^)]*\)/
    for (const edited of [
      sdl.replace(link, ''),
      sdl.replace(
        link,
        '@core(feature: "$1", for: SECURITY) @core(feature: "https://specs.apollo.dev/core/v0.2")',
      ),
    ]) {
      expect(edited).not.toBe(sdl)
      await expect(
        supergraphOf({ sdl: edited, buildDataSource, enforcer: null }),
      ).rejects.toMatchObject({ code: 'SUPERGRAPH_UNENFORCED' })
    }
  })

  test.each(['https://example.com/guard/v1.0', 'https://example.com/shares/v1.0'])(
    'a guard that nobody here knows is refused: %s',
    async (url) => {
      const { sdl, buildDataSource } = federatedWorld(version('one'))
      const guarded = sdl.replace('schema', `schema @link(url: "${url}", for: SECURITY)`)
      expect(guarded).not.toBe(sdl)
      await expect(supergraphOf({ sdl: guarded, buildDataSource })).rejects.toMatchObject({
        code: 'SUPERGRAPH_INVALID',
        extensions: { reason: expect.stringContaining('SECURITY') },
      })
    },
  )

  test('is not swapped in where there is no enforcer', async () => {
    const { sdl, buildDataSource } = federatedWorld(version('one'))
    const service = await supergraphOf({ sdl, buildDataSource, enforcer: null })
    await expect(service.swap(composeSdl(zoo))).rejects.toMatchObject({
      code: 'SUPERGRAPH_UNENFORCED',
    })
    expect(await answers(service, '{ one }')).toEqual({ one: 'one' })
  })

  test('shows clients no access directive', async () => {
    const { sdl, buildDataSource } = federatedWorld(zoo)
    const { apiSchema } = (await supergraphOf({ sdl, buildDataSource })).current()
    expect(
      apiSchema
        .getDirectives()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['defer', 'deprecated', 'include', 'oneOf', 'skip', 'specifiedBy'])
    expect(Object.keys(apiSchema.getTypeMap()).filter((name) => /scope|polic/i.test(name))).toEqual(
      [],
    )
  })
})

describe('a wrong supergraph', () => {
  test.each([
    ['text that is no SDL', 'this is no SDL {'],
    ['a schema that is no supergraph', 'type Query { a: Int }'],
    ['nothing', ''],
    [
      'a feature for security that is not known',
      composeSdl(version('one')).replace(
        'schema\n',
        'schema\n  @link(url: "https://specs.example/lock/v1.0", for: SECURITY)\n',
      ),
    ],
  ])('is refused at the start: %s', async (_name, sdl) => {
    const { buildDataSource } = federatedWorld(version('one'))
    await expect(supergraphOf({ sdl, buildDataSource })).rejects.toMatchObject({
      code: 'SUPERGRAPH_INVALID',
    })
  })

  test('is refused when its file is missing', async () => {
    const { buildDataSource } = federatedWorld(version('one'))
    const file = join(tmpdir(), 'no-such-folder', 'supergraph.graphql')
    await expect(supergraphOf({ file, buildDataSource })).rejects.toMatchObject({
      code: 'SUPERGRAPH_INVALID',
    })
  })

  test('leaves the old one in place when it is swapped in', async () => {
    const { sdl, buildDataSource } = federatedWorld(version('one'))
    const service = await supergraphOf({ sdl, buildDataSource })
    const before = service.current()
    await expect(service.swap('type Query {')).rejects.toMatchObject({ code: 'SUPERGRAPH_INVALID' })
    expect(service.current()).toBe(before)
    expect(await answers(service, '{ one }')).toEqual({ one: 'one' })
  })
})

describe('a swap', () => {
  test('lets requests in flight finish on the version that they began with', async () => {
    const gate = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    const slow: FetchSubgraph = async () => {
      asked.resolve()
      await gate.promise
      return { data: { one: 'late' } }
    }
    const { sdl, buildDataSource } = federatedWorld(version('one'))
    const service = await supergraphOf({ sdl, buildDataSource })
    const inFlight = answers(service, '{ one }', slow)
    await asked.promise
    await service.swap(composeSdl(version('two')))
    expect(service.current().apiSchema.getQueryType()?.getFields().two).toBeDefined()
    gate.resolve()
    expect(await inFlight).toEqual({ one: 'late' })
  })

  test('drops nothing while many requests and many swaps cross', async () => {
    const wide = composeSdl({ clock: { sdl: `${LINK} type Query { one: String two: String }` } })
    const narrow = composeSdl(version('one'))
    const later: FetchSubgraph = async () => {
      await new Promise(setImmediate)
      return { data: { one: 'one' } }
    }
    const { buildDataSource } = federatedWorld(version('one'))
    const service = await supergraphOf({ sdl: wide, buildDataSource })
    const asked: Promise<unknown>[] = []
    for (let round = 0; round < 6; round++) {
      for (let request = 0; request < 20; request++) asked.push(answers(service, '{ one }', later))
      const swapped = service.swap(round % 2 ? wide : narrow)
      for (let request = 0; request < 20; request++) asked.push(answers(service, '{ one }', later))
      await swapped
    }
    const texts = new Set((await Promise.all(asked)).map((data) => JSON.stringify(data)))
    expect([...texts]).toEqual(['{"one":"one"}'])
  })

  test('tells its listeners, until they leave', async () => {
    const { sdl, buildDataSource } = federatedWorld(version('one'))
    const service = await supergraphOf({ sdl, buildDataSource })
    const heard: string[] = []
    service.onSwap(() => {
      throw new Error('a listener that fails')
    })
    const leave = service.onSwap(({ version: swapped }) => heard.push(swapped))
    const { version: second } = await service.swap(composeSdl(version('two')))
    await service.swap(composeSdl(version('two')))
    leave()
    await service.swap(composeSdl(version('three')))
    expect(heard).toEqual([second])
  })
})

describe('a watched file', () => {
  let folder: string
  let file: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supergraph-'))
    file = join(folder, 'supergraph.graphql')
    cleanups.push(() => rm(folder, { recursive: true }))
  })

  async function watched(refused: (failure: Error) => void = () => undefined) {
    await writeFile(file, composeSdl(version('one')))
    const { buildDataSource } = federatedWorld(version('one'))
    return supergraphOf({ file, buildDataSource, pollIntervalMs: 100, onRefused: refused })
  }
  const nextSwap = (service: Awaited<ReturnType<typeof watched>>) =>
    new Promise<void>((resolve) => {
      const leave = service.onSwap(() => {
        leave()
        resolve()
      })
    })
  const rootFields = (service: Awaited<ReturnType<typeof watched>>) =>
    Object.keys(service.current().apiSchema.getQueryType()?.getFields() ?? {})

  test('is swapped in when it is written or replaced', async () => {
    const service = await watched()
    const written = nextSwap(service)
    await writeFile(file, composeSdl(version('two')))
    await written
    expect(rootFields(service)).toEqual(['two'])
    const replaced = nextSwap(service)
    await writeFile(`${file}.new`, composeSdl(version('three')))
    await rename(`${file}.new`, file)
    await replaced
    expect(rootFields(service)).toEqual(['three'])
  })

  test('is reported and passed over when it is wrong, and taken once it is right', async () => {
    const refused = Promise.withResolvers<Error>()
    const service = await watched(refused.resolve)
    await writeFile(file, 'type Query {')
    expect(await refused.promise).toMatchObject({ code: 'SUPERGRAPH_INVALID' })
    expect(rootFields(service)).toEqual(['one'])
    const right = nextSwap(service)
    await writeFile(file, composeSdl(version('two')))
    await right
    expect(rootFields(service)).toEqual(['two'])
  })

  test('keeps serving what it had when it is removed', async () => {
    const service = await watched()
    await rm(file)
    expect(await answers(service, '{ one }')).toEqual({ one: 'one' })
  })
})
