import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { readConfig } from '#kernel/config.ts'
import { PersonKey } from '#kernel/crypto/person-key.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { openPlatform } from '#kernel/serve/platform.ts'
import { rotateOperatorKey } from '#kernel/serve/rotate-operator-key.ts'
import { ai } from '#subgraphs/ai/subgraph.ts'
import { analytics } from '#subgraphs/analytics/subgraph.ts'
import { compliance } from '#subgraphs/compliance/subgraph.ts'
import { identity } from '#subgraphs/identity/subgraph.ts'
import { tenancy } from '#subgraphs/tenancy/subgraph.ts'
import { silentLog } from '../../kit/database.ts'
import { PEOPLE, startPlatform, type TestPlatform } from '../../kit/platform.ts'

const KEPT_IN = ['identity', 'compliance', 'ai']

/** Under which versions the keys of each subgraph that keeps personal text are wrapped. */
async function versionsOf({ local }: Pick<TestPlatform, 'local'>) {
  const kept = local.platform.services.filter(({ name }) => KEPT_IN.includes(name))
  const found = kept.map(async ({ name, database }) => {
    const keys = await database.acrossTenants().find(PersonKey, { wrappedKey: { $ne: null } })
    return [name, [...new Set(keys.map(({ keyVersion }) => keyVersion))]] as const
  })
  return Object.fromEntries(await Promise.all(found))
}

const RECORD = `mutation ($input: ConversationTurnInput!) {
  recordConversationTurn(input: $input) { id } }`
const SAID = { message: 'What are the odds of Arsenal?', response: 'The market says 1.85.' }

type Nodes<Node> = { edges: { node: Node }[] }

/** What the operator said, and from where the operator was seen to act. */
async function readBack(platform: TestPlatform) {
  const ask = await platform.as(PEOPLE.operator)
  const { data, errors } = await ask(`{
    conversations(first: 5) { edges { node { message response } } }
    auditLogs(where: { action: { eq: "conversation.record" } }, first: 5) {
      edges { node { client { ip } } }
    }
  }`)
  expect(errors).toBeUndefined()
  const { conversations, auditLogs } = data as {
    conversations: Nodes<typeof SAID>
    auditLogs: Nodes<{ client: { ip: string } | null }>
  }
  return {
    said: conversations.edges.map(({ node }) => node),
    ips: auditLogs.edges.map(({ node }) => node.client?.ip),
  }
}

test('a rotation re-wraps the keys of identity, compliance and ai, and old texts are read with the new version alone', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'dbsbm-rotation-'))
  const before = await (async () => {
    await using platform = await startPlatform({ dataDir })
    const ask = await platform.as(PEOPLE.operator)
    const { data } = await ask('{ me { id } }')
    const { id: userId } = (data as { me: { id: string } }).me
    const place = { tenantId: '1', userId, conversationId: 'c-1', messageType: 'TEXT' }
    expect((await ask(RECORD, { input: { ...place, ...SAID } })).errors).toBeUndefined()
    await expect
      .poll(async () => (await readBack(platform)).ips, { timeout: 20_000 })
      .toHaveLength(1)
    expect(await versionsOf(platform)).toEqual({ identity: [1], compliance: [1], ai: [1] })
    return await readBack(platform)
  })()
  expect(before).toEqual({ said: [SAID], ips: [expect.any(String)] })

  const lines: string[] = []
  const config = readConfig({ DATA_DIR: dataDir, ODDS_FEED: 'none' })
  await rotateOperatorKey({
    ...{ config, randomness: systemRandomness, isRewrapOnly: false },
    open: () =>
      openPlatform({
        ...{ config, subgraphs: [identity, tenancy, ai, compliance, analytics], log: silentLog },
        ...{ clock: systemClock, randomness: systemRandomness },
      }),
    say: (line) => void lines.push(line),
    signal: new AbortController().signal,
  })
  for (const name of KEPT_IN) {
    const done = `${name}: [1-9]\\d* keys re-wrapped, 0 under older versions: done`
    expect(lines.join('\n')).toMatch(new RegExp(done))
  }

  const keyFile = join(dataDir, 'keys', 'operator.key')
  await writeFile(keyFile, (await readFile(keyFile, 'utf8')).replace(/^v1:.*\n/m, ''))
  {
    await using platform = await startPlatform({ dataDir })
    expect(await versionsOf(platform)).toEqual({ identity: [2], compliance: [2], ai: [2] })
    expect(await readBack(platform)).toEqual(before)
  }
  await rm(dataDir, { recursive: true })
})
