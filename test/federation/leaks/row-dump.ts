import type { EntityMetadata } from '@mikro-orm/core'
import type { Database } from '#kernel/db/database.ts'
import type { Platform } from '#kernel/serve/platform.ts'
import { Guild } from '#subgraphs/tenancy/entities/guild.ts'
import { Tenant } from '#subgraphs/tenancy/entities/tenant.ts'
import type { IdKind } from './id-kinds.ts'

/** Every row that is about a tenant, as text, by database, table and key. */
export type RowDump = ReadonlyMap<string, string>

/** Rows are about a tenant when they hold one of these ids, or the marker. */
export type Belonging = { ids: ReadonlySet<string>; marker: string }

/** Kinds of id by the table that makes them. */
const KIND_OF_TABLE: Readonly<Record<string, IdKind>> = {
  roles: 'role',
  user_roles: 'userRole',
  sessions: 'session',
  api_keys: 'apiKey',
  tenant_customizations: 'customization',
  feature_flags: 'flag',
  tenant_resources: 'quota',
  guild_members: 'member',
  competition_follows: 'follow',
  users: 'user',
  accounts: 'account',
  transfers: 'transfer',
  ledger_entries: 'entry',
  holds: 'hold',
  bets: 'bet',
  betting_limits: 'limit',
  compliance_policies: 'policy',
  privacy_consents: 'consent',
  alert_rules: 'alertRule',
  alerts: 'alert',
  audit_logs: 'auditLog',
  nlp_conversations: 'turn',
}

type Row = Readonly<Record<string, unknown>>

const textOf = (row: Row) =>
  JSON.stringify(row, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))

const IDENTIFIERS = /^(id|personId|topic|aggregate|\w+Id)$/

/** True for rows that say themselves to be another's, whomever they name. */
function isElsewhere({ tenantId, guildId }: Row, ids: ReadonlySet<string>): boolean {
  const place = guildId ?? tenantId ?? null
  return place !== null && !ids.has(String(place))
}

function isAbout(row: Row, { ids, marker }: Belonging): boolean {
  if (isElsewhere(row, ids)) return false
  if (textOf(row).includes(marker)) return true
  return Object.entries(row).some(
    ([name, value]) => IDENTIFIERS.test(name) && ids.has(String(value).replace(/^.*:/, '')),
  )
}

async function rowsOf(database: Database, meta: EntityMetadata): Promise<Row[]> {
  const entity = meta.class as new () => object
  const rows = await database.acrossTenants().find(entity, {})
  const columns = meta.props.filter(({ persist, kind }) => persist !== false && kind !== '1:m')
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name }) => [name, (row as Record<string, unknown>)[name]])),
  )
}

const tablesOf = (database: Database): EntityMetadata[] =>
  [...database.orm.getMetadata().getAll().values()].filter(({ tableName }) => tableName)

async function everyRow(platform: Platform): Promise<{ table: string; key: string; row: Row }[]> {
  const found: { table: string; key: string; row: Row }[] = []
  for (const { name, database } of platform.services) {
    for (const meta of tablesOf(database)) {
      const rows = await rowsOf(database, meta)
      const primary = meta.primaryKeys[0] ?? 'id'
      for (const row of rows) {
        const table = meta.tableName
        found.push({ table, key: `${name}.${table}#${String(row[primary])}`, row })
      }
    }
  }
  return found
}

/** Reads all rows of all databases and keeps those that are about the tenant. */
export async function dumpRows(platform: Platform, belonging: Belonging): Promise<RowDump> {
  const rows = await everyRow(platform)
  const about = rows.filter(({ row }) => isAbout(row, belonging))
  return new Map(about.map(({ key, row }) => [key, textOf(row)]))
}

/** What differs between two dumps: rows that came, went or changed. */
export function changedRows(before: RowDump, after: RowDump): string[] {
  const keys = new Set([...before.keys(), ...after.keys()])
  return [...keys].filter((key) => before.get(key) !== after.get(key))
}

/** The ids of the rows about a tenant, by kind. */
export async function idsAbout(
  platform: Platform,
  belonging: Belonging,
): Promise<{ kind: IdKind; id: string }[]> {
  const rows = await everyRow(platform)
  return rows
    .filter(({ row }) => isAbout(row, belonging))
    .flatMap(({ table, row }) => {
      const kind = KIND_OF_TABLE[table]
      return kind ? [{ kind, id: String(row.id) }] : []
    })
}

/** Tenants and guilds as tenancy knows them, to find both sides of the border. */
export async function placesOf(platform: Platform, tenantCode: string) {
  const tenancy = platform.services.find(({ name }) => name === 'tenancy')
  if (!tenancy) throw new Error('tenancy does not run here')
  const tenant = await tenancy.database.acrossTenants().findOneOrFail(Tenant, { code: tenantCode })
  const guilds = await tenancy.database.acrossTenants().find(Guild, { tenantId: tenant.id })
  return { tenantId: tenant.id, guildIds: guilds.map(({ guildId }) => guildId) }
}
