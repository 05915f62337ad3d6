import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { SUBGRAPH_NAMES } from '#kernel/auth/service-names.ts'
import { askAt, signInAt } from '../kit/ask-at.ts'
import type { Program } from '../kit/child-process.ts'
import { FIRST_OPERATOR, makeCluster, type Part } from '../kit/cluster-processes.ts'

const START_MS = 120_000
const CLOCK_AHEAD = fileURLToPath(new URL('../kit/clock-ahead.mjs', import.meta.url))

/** Milliseconds that the machine of each is ahead of MariaDB's; all others are in step. */
const AHEAD: Partial<Record<Part, readonly number[]>> = {
  gateway: [-120_000, 120_000],
  identity: [120_000],
  compliance: [-120_000],
}

const envOf = (what: Part, index: number): Record<string, string> => ({
  NODE_OPTIONS: `--import=${CLOCK_AHEAD}`,
  TEST_CLOCK_AHEAD_MS: String(AHEAD[what]?.[index] ?? 0),
})

const ask = ({ url }: Program, query: string, token?: string) => askAt(url, query, token)
const signIn = ({ url }: Program) => signInAt(url, FIRST_OPERATOR)

async function readyOf({ url }: Program) {
  return (await (await fetch(`${url}/ready`)).json()) as {
    status: string
    clockOffsetMs: number
    clockOffsets: Record<string, number>
  }
}

const roughly = (milliseconds: number) => expect.closeTo(milliseconds, -4)

const QUESTION = `{
  me { email }
  tenants { edges { node { code } } }
  fixtures { edges { node { id } } }
  aiModels { edges { node { id } } }
  alerts { edges { node { id } } }
}`

const AUDITED = '{ auditLogs(first: 50) { edges { node { action } } } }'
const OPEN = 'mutation { openTenant(input: { code: "apart", name: "Apart" }) { id } }'
const SIGN_OUT = 'mutation { signOut(input: {}) { id } }'

/** Tokens and changes of each gateway, at both. */
async function expectServed([slow, fast]: readonly [Program, Program]): Promise<void> {
  const [tokenOfSlow, tokenOfFast] = [await signIn(slow), await signIn(fast)]
  expect((await ask(slow, OPEN, tokenOfFast)).codes).toEqual([])
  for (const gateway of [slow, fast]) {
    for (const token of [tokenOfSlow, tokenOfFast]) {
      expect((await ask(gateway, QUESTION, token)).codes).toEqual([])
    }
  }
  const audited = async () => JSON.stringify((await ask(slow, AUDITED, tokenOfSlow)).data)
  await expect.poll(audited, { timeout: 20_000 }).toContain('tenant.opened')
  expect((await ask(fast, SIGN_OUT, tokenOfSlow)).codes).toEqual([])
  for (const gateway of [slow, fast]) {
    const codesFor = async (token: string) => (await ask(gateway, '{ me { email } }', token)).codes
    const revoked = () => codesFor(tokenOfSlow)
    await expect.poll(revoked, { timeout: 5_000 }).toEqual(['TOKEN_REVOKED'])
    expect(await codesFor(tokenOfFast)).toEqual([])
  }
}

test('machines whose clocks are apart by two minutes and more serve as if they were not, and say so', {
  timeout: START_MS,
}, async () => {
  await using cluster = await makeCluster({ envOf })
  await cluster.start()
  await cluster.untilReady(START_MS)
  const [slow, fast] = cluster.gateways
  if (!slow || !fast) throw new Error('there are two gateways')
  await expectServed([slow, fast])
  for (const name of SUBGRAPH_NAMES) {
    const behind = -(AHEAD[name]?.[0] ?? 0)
    const { clockOffsetMs } = await readyOf(cluster.services[name])
    expect(clockOffsetMs, name).toEqual(behind === 0 ? 0 : roughly(behind))
  }
  // Services follow their database; the gateways have only their machines.
  expect((await readyOf(slow)).clockOffsets).toMatchObject({ identity: roughly(120_000) })
  expect((await readyOf(fast)).clockOffsets).toMatchObject({ identity: roughly(-120_000) })
})
