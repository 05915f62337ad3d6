import { afterAll, beforeAll, expect, test } from 'vitest'
import { PEOPLE, startPlatform, type TestPlatform } from '../kit/platform.ts'

let platform: TestPlatform

beforeAll(async () => {
  platform = await startPlatform({ env: { GATEWAY_ACCESS_MODE: 'dry-run' } })
}, 120_000)
afterAll(() => platform[Symbol.asyncDispose]())

test('in a dry run subgraphs refuse what the gateway only reports', async () => {
  const ask = await platform.as(PEOPLE.acmeMember)
  const { data, errors } = await ask(
    'query Dry { me { displayName } tenants { edges { node { code } } } }',
  )
  expect(data).toEqual({ me: { displayName: 'Max Member' }, tenants: null })
  expect(errors).toMatchObject([
    { path: ['tenants'], extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE', subgraph: 'tenancy' } },
  ])
  const reports = platform.logged.filter((line) => line.includes('dry run: access rules'))
  expect(reports.map((line) => (JSON.parse(line) as { refused: object }).refused)).toEqual([
    [{ path: 'tenants', coordinate: 'Query.tenants', stage: 'scopes' }],
  ])
})

test('what two people with different rights ask at once is answered to each alone', async () => {
  const query = '{ tenants { edges { node { code } } } }'
  const [member, admin] = await Promise.all([
    platform.as(PEOPLE.acmeMember),
    platform.as(PEOPLE.acmeAdmin),
  ])
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? admin : member)(query)),
  )
  for (const [index, { data }] of answers.entries()) {
    const own = { edges: [{ node: { code: 'acme' } }] }
    expect(data).toEqual(index % 2 === 0 ? { tenants: own } : { tenants: null })
  }
})
