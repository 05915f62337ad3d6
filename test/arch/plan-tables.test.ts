import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { openDatabase } from '#kernel/db/database.ts'
import { migrate } from '#kernel/db/migrations.ts'
import { createLog } from '#kernel/log.ts'
import { type Door, loadDoors } from './kit/doors.ts'
import { projectRoot } from './kit/tree.ts'
import { compareWithPlan, parsePlan, TABLE_OWNERS, type Table } from './rules/plan-tables.ts'

const PLAN = join(projectRoot, '../shared/seed/000_5976d6abd23bf10a.txt')

function readPlan(): Table[] {
  if (!existsSync(PLAN)) throw new Error(`the plan's text is missing: ${PLAN}`)
  return parsePlan(readFileSync(PLAN, 'utf8'))
}

/** The tables that the migrations of a domain make on an empty SQLite database. */
async function tablesOf(door: Door): Promise<Table[]> {
  const folder = mkdtempSync(join(tmpdir(), 'plan-tables-'))
  const path = join(folder, 'domain.db')
  const log = createLog({ level: 'silent', name: 'test' })
  const database = await openDatabase({ ...door, url: `sqlite:${path}`, log })
  await migrate(database)
  await database.close()
  const sqlite = new DatabaseSync(path, { readOnly: true })
  const tables = rows(sqlite, "select name from sqlite_schema where type = 'table'")
  const described = tables.map(({ name }) => describeTable(sqlite, String(name)))
  sqlite.close()
  rmSync(folder, { recursive: true })
  return described
}

const rows = (sqlite: DatabaseSync, text: string) => sqlite.prepare(text).all()

function describeTable(sqlite: DatabaseSync, name: string): Table {
  const columns = rows(sqlite, `pragma table_info(${name})`).map((row) => String(row.name))
  const indexes = rows(sqlite, `pragma index_list(${name})`).map((index) => ({
    name: String(index.name),
    columns: rows(sqlite, `pragma index_info(${index.name})`).map((row) => String(row.name)),
    isUnique: index.unique === 1,
  }))
  return { name, columns, indexes }
}

test('the plan makes 13 tables and adds to two, each with an owner', () => {
  const plan = readPlan()
  expect(plan.map(({ name }) => name)).toMatchInlineSnapshot(`
    [
      "mfa_devices",
      "roles",
      "user_roles",
      "security_events",
      "tenants",
      "tenant_resources",
      "tenant_customizations",
      "ai_models",
      "ai_predictions",
      "nlp_conversations",
      "compliance_policies",
      "audit_logs",
      "privacy_consents",
      "user_settings",
      "guild_settings",
    ]
  `)
  const owned = Object.values(TABLE_OWNERS).flat()
  expect(plan.filter(({ name }) => !owned.includes(name))).toEqual([])
})

test('every domain that stands keeps the names, columns and indexes of the plan', async () => {
  const plan = readPlan()
  const doors = await loadDoors()
  const missing: Record<string, string[]> = {}
  for (const [name, door] of doors) {
    const lacks = compareWithPlan(plan, TABLE_OWNERS[name] ?? [], await tablesOf(door))
    if (lacks.length > 0) missing[name] = lacks
  }
  expect(missing).toEqual({})
})

test('no domain is awaited', async () => {
  const doors = await loadDoors()
  const awaited = Object.keys(TABLE_OWNERS).filter((owner) => !doors.has(owner))
  expect(awaited).toEqual([])
})

describe('a table that leaves the plan is found', () => {
  const plan = parsePlan(`
CREATE TABLE tenants (
    id BIGINT PRIMARY KEY AUTO_INCREMENT,
    tenant_code VARCHAR(50) UNIQUE NOT NULL,
    INDEX idx_code (tenant_code, id)
);
ALTER TABLE guild_settings
ADD COLUMN IF NOT EXISTS tenant_id BIGINT NULL,
ADD COLUMN audit_logging BOOLEAN DEFAULT FALSE;
`)
  const tenants: Table = {
    name: 'tenants',
    columns: ['id', 'tenant_code', 'suspended_at'],
    indexes: [
      { name: 'tenants_tenant_code_unique', columns: ['tenant_code'], isUnique: true },
      { name: 'idx_code', columns: ['tenant_code', 'id'], isUnique: false },
    ],
  }
  const guilds: Table = {
    name: 'guild_settings',
    columns: ['tenant_id', 'audit_logging'],
    indexes: [],
  }
  const owned = ['tenants', 'guild_settings']
  const without = (place: number) => tenants.indexes.filter((_, index) => index !== place)

  test('allowed: all of it and more', () => {
    expect(compareWithPlan(plan, owned, [tenants, guilds])).toEqual([])
  })

  test('refused: a missing table', () => {
    expect(compareWithPlan(plan, owned, [tenants])).toEqual(['table guild_settings is missing'])
  })

  test('refused: a missing column, created or added', () => {
    const tables = [
      { ...tenants, columns: ['id', 'code'] },
      { ...guilds, columns: ['tenant_id'] },
    ]
    expect(compareWithPlan(plan, owned, tables)).toEqual([
      'column tenants.tenant_code is missing',
      'column guild_settings.audit_logging is missing',
    ])
  })

  test('refused: a missing index, a missing uniqueness, another order of columns', () => {
    const isMissing = (indexes: Table['indexes']) =>
      compareWithPlan(plan, ['tenants'], [{ ...tenants, indexes }])
    expect(isMissing(without(0))).toEqual(['index unique on tenants (tenant_code) is missing'])
    expect(isMissing(without(1))).toEqual(['index idx_code on tenants (tenant_code,id) is missing'])
    const turned = { name: 'idx_code', columns: ['id', 'tenant_code'], isUnique: false }
    expect(isMissing([...without(1), turned])).toHaveLength(1)
  })
})
