import { execFile } from 'node:child_process'
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createAudit } from '#kernel/audit/audit.ts'
import { schemaDrift } from '#kernel/db/migrations.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { createAuditChecks } from '#subgraphs/compliance/services/audit/checks.ts'
import type { Verification } from '#subgraphs/compliance/services/audit/verification.ts'
import { auditHeadsFile, verifyAudit } from '#subgraphs/compliance/subgraph.ts'
import { TEST_CLIENT_SEAL } from '../../../kit/client-seal.ts'
import { silentLog } from '../../../kit/database.ts'
import { openCopy } from './alterations.ts'
import {
  append,
  CHAIN_KEY,
  entriesOf,
  inParts,
  OPERATOR_KEYS,
  openAudit,
  recordOf,
  verify,
  type World,
} from './audit-kit.ts'

const QUERY = `query ($tenantId: ID, $fromSeq: Int) { auditVerification(tenantId: $tenantId, fromSeq: $fromSeq) {
  chain checked isWhole firstBroken { seq kind column } findings { seq } nextSeq headSeq headHash } }`

const records = (count: number, parts = {}) => Array.from({ length: count }, () => recordOf(parts))

const sql = ({ database }: World, text: string) =>
  database.orm.em.fork().getConnection().execute(text)

test('after all migrations the triggers refuse UPDATE, DELETE and REPLACE; nothing drifted', async () => {
  await using world = await openAudit()
  await append(world, records(2))
  const refused = /only appended, never changed or taken away/
  await expect(sql(world, "update audit_logs set outcome = 'x' where id = 1")).rejects.toThrow(
    refused,
  )
  await expect(sql(world, 'delete from audit_logs where id = 1')).rejects.toThrow(refused)
  await expect(
    sql(world, 'replace into audit_logs select * from audit_logs where id = 1'),
  ).rejects.toThrow(refused)
  expect(await entriesOf(world)).toHaveLength(2)
  expect(await schemaDrift(world.database)).toEqual([])
})

test('a whole chain says where it ends; its reader’s own if none is named', async () => {
  await using world = await openAudit()
  await append(world, records(3))
  const head = (await entriesOf(world)).at(-1)
  const { data } = await world.ask('acmeAdmin', QUERY)
  expect(data.auditVerification).toEqual({
    ...{ chain: 'tenant:1', checked: 3, isWhole: true, firstBroken: null, findings: [] },
    ...{ nextSeq: null, headSeq: '3', headHash: head?.entryHash },
  })
})

test('a look at a part of a chain says nothing of the whole, unless it finds something', async () => {
  await using world = await openAudit()
  await append(world, records(4))
  const look = async (fromSeq: number) => {
    const { data } = await world.ask('operator', QUERY, { tenantId: '1', fromSeq })
    return data.auditVerification
  }
  expect(await look(1)).toMatchObject({ checked: 4, isWhole: true, nextSeq: null })
  for (const [fromSeq, checked] of [
    [3, 2],
    [5, 0],
    [999, 0],
  ] as const) {
    const part = { checked, isWhole: null, firstBroken: null, nextSeq: null, headSeq: '4' }
    expect(await look(fromSeq)).toMatchObject(part)
  }
  await openCopy(world.database).then((copy) =>
    copy.run("update audit_logs set outcome = 'refused' where seq = 3"),
  )
  expect(await look(2)).toMatchObject({ isWhole: false, firstBroken: { seq: '3' } })
  expect(await look(4)).toMatchObject({ isWhole: null, firstBroken: null })
})

test('a chain of which there is nothing is not whole but not there', async () => {
  await using world = await openAudit()
  await append(world, records(1))
  for (const [who, tenantId] of [
    ['operator', '999'],
    ['operator', null],
    ['globexAdmin', null],
  ] as const) {
    const { data, codes } = await world.ask(who, QUERY, { tenantId })
    expect([data.auditVerification, codes]).toEqual([null, ['AUDIT_CHAIN_NOT_FOUND']])
    const on = await world.ask(who, QUERY, { tenantId, fromSeq: 5 })
    expect(on.codes).toEqual(['AUDIT_CHAIN_NOT_FOUND'])
  }
})

test('a foreign chain, and any to a guild, is not there', async () => {
  await using world = await openAudit()
  await append(world, records(1))
  for (const [who, tenantId] of [
    ['globexAdmin', '1'],
    ['acmeGuildAdmin', '1'],
    ['reachless', null],
  ] as const) {
    const { data, codes } = await world.ask(who, QUERY, { tenantId })
    expect([data.auditVerification, codes]).toEqual([null, ['AUDIT_CHAIN_NOT_FOUND']])
  }
  const { codes } = await world.ask('operator', QUERY, { fromSeq: 0 })
  expect(codes).toEqual(['AUDIT_PLACE_INVALID'])
})

test('an altered entry is named by place, kind and column', async () => {
  await using world = await openAudit()
  await append(world, records(4))
  const copy = await openCopy(world.database)
  await copy.run("update audit_logs set outcome = 'refused' where seq = 3")
  const { data } = await world.ask('acmeAdmin', QUERY)
  expect(data.auditVerification).toMatchObject({
    isWhole: false,
    firstBroken: { seq: '3', kind: 'COLUMN', column: 'outcome' },
  })
})

const foundIn = (parts: readonly Verification[]) => [
  ...new Set(parts.flatMap(({ findings }) => findings.map(({ seq, kind }) => `${kind} ${seq}`))),
]

test('a duplicate at the boundary of two parts is found, whatever the size of the parts', async () => {
  await using world = await openAudit()
  await append(world, records(7))
  for (const limit of [1, 2, 3, 7, 8]) expect(foundIn(await inParts(world, limit))).toEqual([])
  const copy = await openCopy(world.database)
  for (const seq of [3, 7]) {
    const row = (await copy.rows())[seq - 1]
    if (!row) throw new Error('the log is short')
    await copy.insert({ ...row, id: row.id + 1_000, action_type: 'forged' })
    for (const limit of [1, 2, 3, 4, 7, 8]) {
      const found = foundIn(await inParts(world, limit))
      expect({ limit, found }).toEqual({ limit, found: [`duplicate ${seq}`] })
    }
    const fromSeq = seq + 1
    const { data } = await world.ask('acmeAdmin', QUERY, { fromSeq })
    expect(data.auditVerification).toMatchObject({
      isWhole: false,
      firstBroken: { seq: String(seq), kind: 'DUPLICATE' },
    })
    await copy.restore()
  }
})

test('rows that stand at no place between two others are found in parts, and parts come to an end', async () => {
  await using world = await openAudit()
  await append(world, records(5))
  const copy = await openCopy(world.database)
  const row = (await copy.rows())[2]
  if (!row) throw new Error('the log is short')
  for (const seq of [3, 3.5, 9e300, 'nowhere', -4]) {
    for (const id of [1_000, 1_001, 1_002]) await copy.insert({ ...row, id, seq: seq as number })
    for (const limit of [1, 2, 3, 4, 9]) {
      const parts = await inParts(world, limit)
      const isFound = parts.some(({ isWhole }) => isWhole === false)
      expect({ seq, limit, isFound }).toEqual({ seq, limit, isFound: true })
    }
    await copy.restore()
  }
})

test('a long chain is looked at in steps, and while it grows', async () => {
  await using world = await openAudit()
  for (let batch = 0; batch < 6; batch++) await append(world, records(100))
  const grown: Promise<unknown>[] = []
  const onProgress = () => {
    if (grown.length < 2) grown.push(append(world, records(30)))
  }
  expect(await verify(world, 'tenant:1', { onProgress })).toMatchObject({ isWhole: true })
  await Promise.all(grown)
  const first = await verify(world, 'tenant:1', { limit: 250 })
  expect(first).toMatchObject({ checked: 250, nextSeq: 251, isWhole: null, headSeq: null })
  const rest = await verify(world, 'tenant:1', { fromSeq: first.nextSeq ?? 0 })
  expect(rest).toMatchObject({ checked: 410, nextSeq: null, headSeq: 660, isWhole: null })
  await openCopy(world.database).then((copy) => copy.run('delete from audit_logs where seq = 7'))
  const altered = await verify(world, 'tenant:1', { limit: 250 })
  expect(altered).toMatchObject({ nextSeq: 252, isWhole: false, firstBroken: { seq: 7 } })
})

test('the nightly look audits that it looked, and as failed when something was altered', async () => {
  await using world = await openAudit()
  await append(world, records(2))
  const { database, clock } = world
  const audited = async () =>
    (await world.audited()).filter(({ action }) => action === 'audit.verified')
  const deps = { clock, randomness: systemRandomness }
  const audit = createAudit({ ...deps, clientSeal: TEST_CLIENT_SEAL })
  const jobs = createAuditChecks(
    { ...deps, database, audit, log: silentLog },
    { database, chainKey: CHAIN_KEY },
  )
  const { signal } = new AbortController()
  const run = () =>
    jobs['compliance.verify-audit']?.({
      ...{ payload: {}, attempt: 1, progress: async () => {}, signal },
    })
  await run()
  await openCopy(database).then((copy) => copy.run('delete from audit_logs where seq = 1'))
  await run()
  expect(await audited()).toMatchObject([
    {
      outcome: 'done',
      tenantId: null,
      details: { chains: 1, entries: 2, findings: 0, broken: [] },
    },
    // The gap in the chain, and the count of all entries.
    { outcome: 'failed', details: { entries: 1, findings: 2, broken: ['tenant:1'] } },
  ])
})

test('the command says chain by chain what it finds', async () => {
  await using world = await openAudit()
  await append(world, [...records(2), recordOf({ tenantId: null })])
  const { database } = world
  const lines: string[] = []
  const run = async (chain: string | null) => {
    lines.length = 0
    const { signal } = new AbortController()
    const say = (line: string) => void lines.push(line)
    const command = { database, operatorKeys: OPERATOR_KEYS, chain, say, signal, heads: null }
    return { ...(await verifyAudit(command)), lines: [...lines] }
  }
  const [, second, third] = await entriesOf(world)
  expect((await run(null)).lines).toEqual([
    `platform: 1 entries, head 1 ${third?.entryHash}: whole`,
    `tenant:1: 2 entries, head 2 ${second?.entryHash}: whole`,
    'all: 3 entries, 3 counted: agrees',
    'The audit log is as it was written.',
  ])
  await expect(run('acme')).rejects.toMatchObject({ code: 'AUDIT_CHAIN_INVALID' })
  await expect(run('tenant:9')).rejects.toMatchObject({ code: 'AUDIT_CHAIN_NOT_FOUND' })
  expect(lines).toEqual([])
  await openCopy(database).then((copy) => copy.run('delete from audit_logs where id = 1'))
  expect((await run('tenant:1')).lines).toEqual([
    `tenant:1: 1 entries, head 2 ${second?.entryHash}: ALTERED, 1 findings`,
    '  missing at 1',
    'The audit log was altered.',
  ])
  expect(await run(null)).toMatchObject({ findings: 2, count: { findings: [{ seq: 1 }] } })
})

test('heads written down before show a log that was emptied, cut or written anew', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'audit-heads-'))
  try {
    await using world = await openAudit({ databaseUrl: `sqlite:${join(folder, 'c.sqlite')}` })
    await append(world, [...records(3), recordOf({ tenantId: null })])
    const { database, clock } = world
    const path = auditHeadsFile(database) ?? ''
    expect(path).toBe(join(folder, 'audit-heads.jsonl'))
    const look = (chain: string | null = null) => {
      const { signal } = new AbortController()
      const command = { database, operatorKeys: OPERATOR_KEYS, chain, signal, say: () => {} }
      return verifyAudit({ ...command, heads: { path, clock } })
    }
    const linesIn = async () => (await readFile(path, 'utf8')).split('\n').filter(Boolean)
    expect(await look()).toMatchObject({ findings: 0, witness: { compared: 0 } })
    await append(world, records(2))
    expect(await look()).toMatchObject({ findings: 0, witness: { compared: 3, findings: [] } })
    expect(await linesIn()).toHaveLength(6)
    const copy = await openCopy(database)
    await copy.run('delete from audit_logs')
    await copy.run('delete from audit_chains')
    expect(
      (await look()).witness?.findings.map(({ chain, seq, kind }) => [chain, seq, kind]),
    ).toEqual([
      ['platform', 1, 'missing'],
      ['tenant:1', 1, 'missing'],
      ['all', 1, 'missing'],
    ])
    expect(await look('tenant:1')).toMatchObject({ findings: 1 })
    expect(await linesIn()).toHaveLength(6)
    await copy.restore()
    expect(await look()).toMatchObject({ findings: 0 })
    await appendFile(
      path,
      `${(await readFile(path, 'utf8')).split('\n')[0]?.replace('"seq":1', '"seq":9')}\n`,
    )
    expect(await look()).toMatchObject({
      findings: 1,
      witness: { brokenLines: [10], findings: [] },
    })
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('the program of the command ends with 1 where something was altered, or is not there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'verify-audit-'))
  try {
    await using world = await openAudit({
      databaseUrl: `sqlite:${join(folder, 'compliance.sqlite')}`,
    })
    await append(world, records(2))
    // Written under another operator's key than that of this folder: to it the log is forged.
    const run = (chain: string) => {
      const flags = ['subgraphs/main.ts', 'verify-audit', '--chain', chain]
      const env = { PATH: process.env.PATH ?? '', DATA_DIR: folder }
      return promisify(execFile)(process.execPath, flags, { env })
    }
    await expect(run('tenant:1')).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('mac at 1'),
    })
    await expect(run('tenant:999')).rejects.toMatchObject({
      code: 1,
      stdout: expect.not.stringContaining('whole'),
      stderr: expect.stringContaining('There is no such audit log'),
    })
  } finally {
    await rm(folder, { recursive: true })
  }
}, 180_000)
