import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ShownNode, ShownPlan } from '#gateway/seeing/shown-plan.ts'
import { type AskInit, type PlatformWorld, startPlatformWorld } from '../../kit/gateway.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

const FEDERATED = '{ me { name books friend { books } } }'
const ASKS = { 'x-dbsbm-query-plan': '1' }

let world: PlatformWorld

beforeAll(async () => {
  world = await startPlatformWorld({ subgraphs: readersAndBooks().sources })
})
afterAll(() => world[Symbol.asyncDispose]())

async function planOf(query: string, init: AskInit = {}, within = world) {
  const { body } = await within.ask(query, { headers: ASKS, ...init })
  return body.extensions?.queryPlan as ShownPlan | undefined
}

const observer = () => world.identity.mint({ claims: { scope: 'platform:observe' } })

const flat = (node: ShownNode | null | undefined): ShownNode[] =>
  node ? [node, ...(node.nodes ?? []).flatMap(flat)] : []

const untimed = ({ ms: _ms, startMs: _start, nodes, ...rest }: ShownNode): object => ({
  ...rest,
  ...(nodes && { nodes: nodes.map(untimed) }),
})

describe('the plan of an operation', () => {
  test('is shown to who may observe the platform, and to who asks', async () => {
    const token = await observer()
    expect(await planOf(FEDERATED, { token })).toBeDefined()
    expect(await planOf(FEDERATED, { token, headers: {} })).toBeUndefined()
    expect(await planOf(FEDERATED, { token, headers: { 'x-dbsbm-query-plan': '0' } })).toBe(
      undefined,
    )
  })

  test('is shown to nobody else, who is answered as if they had not asked', async () => {
    const token = await world.identity.mint({ claims: { scope: 'users:read tenants:write' } })
    for (const asker of [{}, { token }]) {
      const { body } = await world.ask(FEDERATED, { headers: ASKS, ...asker })
      const plain = await world.ask(FEDERATED, asker)
      expect(body).toEqual(plain.body)
      expect(body.extensions).toBeUndefined()
    }
  })

  test('is shown to everybody where the setting says so', async () => {
    await using open = await startPlatformWorld({
      subgraphs: readersAndBooks().sources,
      settings: { exposeQueryPlan: true },
    })
    expect(await planOf(FEDERATED, {}, open)).toBeDefined()
  })

  test('is text and a tree of what was asked of whom', async () => {
    const plan = await planOf(FEDERATED, { token: await observer() })
    expect(plan?.text).toContain('Fetch(service: "books")')
    expect(plan?.node && untimed(plan.node)).toMatchObject({
      kind: 'Sequence',
      nodes: [
        { kind: 'Fetch', subgraph: 'readers', operationKind: 'query', isOfEntities: false },
        {
          kind: 'Parallel',
          nodes: [
            {
              kind: 'Flatten',
              path: 'me',
              nodes: [
                {
                  kind: 'Fetch',
                  subgraph: 'books',
                  isOfEntities: true,
                  operation: expect.stringContaining('_entities'),
                },
              ],
            },
            { kind: 'Flatten', path: 'me.friend' },
          ],
        },
      ],
    })
  })

  test('says when each node began and how long it took', async () => {
    const token = await observer()
    await planOf('{ me { id books } }', { token })
    const plan = await planOf('{ me { id books } }', { token })
    expect(plan?.isRemembered).toBe(true)
    const [root, ...nodes] = flat(plan?.node)
    expect(root?.startMs).toBe(0)
    for (const { startMs = -1, ms = -1 } of nodes) {
      expect(startMs).toBeGreaterThanOrEqual(0)
      expect(ms).toBeGreaterThanOrEqual(0)
      expect(startMs + ms).toBeLessThanOrEqual((root?.ms ?? 0) + 0.2)
    }
    const [first, second] = nodes.filter(({ kind }) => kind === 'Fetch')
    expect(second?.startMs).toBeGreaterThanOrEqual((first?.startMs ?? 0) + (first?.ms ?? 0) - 0.2)
  })

  test('shows what was not executed without a time, and what failed with its code', async () => {
    const query = 'query Q($no: Boolean!) { me { id ... @include(if: $no) { books } } }'
    const skipped = await planOf(query, { token: await observer(), variables: { no: false } })
    const fetchOfBooks = flat(skipped?.node).find(({ subgraph }) => subgraph === 'books')
    expect(fetchOfBooks).toBeDefined()
    expect(fetchOfBooks?.ms).toBeUndefined()
    await using other = await startPlatformWorld({
      subgraphs: readersAndBooks().sources,
      settings: { exposeQueryPlan: true },
    })
    await other.subgraphs.books?.close()
    const failed = flat((await planOf(FEDERATED, {}, other))?.node)
    expect(failed.filter(({ code }) => code).map(({ subgraph, code }) => [subgraph, code])).toEqual(
      [
        ['books', 'SUBGRAPH_UNREACHABLE'],
        ['books', 'SUBGRAPH_UNREACHABLE'],
      ],
    )
  })

  test('of the reference executor has no times', async () => {
    await using apollo = await startPlatformWorld({
      subgraphs: readersAndBooks().sources,
      settings: { exposeQueryPlan: true, executor: 'apollo' },
    })
    const plan = await planOf(FEDERATED, {}, apollo)
    expect(plan?.isRemembered).toBeNull()
    expect(flat(plan?.node).filter(({ ms }) => ms !== undefined)).toEqual([])
  })
})
