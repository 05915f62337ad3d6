/** An index with its columns in order. */
export type PlanIndex = {
  readonly name: string | null
  readonly columns: readonly string[]
  readonly isUnique: boolean
}

/** A table as the plan writes it, or as a database holds it. */
export type Table = {
  readonly name: string
  readonly columns: readonly string[]
  readonly indexes: readonly PlanIndex[]
}

/** Who keeps which table of the plan, and what the plan presumes (DESIGN rule 12). */
export const TABLE_OWNERS: Readonly<Record<string, readonly string[]>> = {
  identity: [
    'users',
    'user_settings',
    'mfa_devices',
    'roles',
    'user_roles',
    'guild_members',
    'security_events',
  ],
  tenancy: ['tenants', 'tenant_resources', 'tenant_customizations', 'guild_settings'],
  ai: ['ai_models', 'ai_predictions', 'nlp_conversations'],
  compliance: ['compliance_policies', 'audit_logs', 'privacy_consents'],
  analytics: ['fixtures', 'markets', 'selections', 'odds_quotes'],
}

/** Every table of the plan's SQL: `CREATE TABLE`, and the columns that `ALTER TABLE` adds. */
export function parsePlan(text: string): Table[] {
  const created = [...text.matchAll(/CREATE TABLE (\w+) \(([\s\S]*?)\n\);/g)].map(
    ([, name = '', body = '']) => ({ name, ...parseBody(body) }),
  )
  const altered = [...text.matchAll(/ALTER TABLE (\w+)([\s\S]*?);/g)].map(
    ([, name = '', body = '']) => ({
      name,
      columns: [...body.matchAll(/ADD COLUMN (?:IF NOT EXISTS )?(\w+)/g)].flatMap(
        ([, column]) => column ?? [],
      ),
      indexes: [],
    }),
  )
  return [...created, ...altered]
}

function parseBody(body: string): Pick<Table, 'columns' | 'indexes'> {
  const lines = body.split('\n').map((line) => line.trim().replace(/,$/, ''))
  const columns = lines.filter((line) => /^[a-z_]+ [A-Z]/.test(line))
  const unique = columns
    .filter((line) => / UNIQUE\b/.test(line))
    .map((line) => ({ name: null, columns: [firstWord(line)], isUnique: true }))
  const indexes = lines.flatMap((line) => {
    const [, name, list] = /^INDEX (\w+) \(([^)]+)\)/.exec(line) ?? []
    return name && list ? [{ name, columns: list.split(/,\s*/), isUnique: false }] : []
  })
  return { columns: columns.map(firstWord), indexes: [...indexes, ...unique] }
}

const firstWord = (line: string) => line.split(' ')[0] ?? ''

/** What a domain's database lacks of the tables that it owns; more than the plan is allowed. */
export function compareWithPlan(
  plan: readonly Table[],
  owned: readonly string[],
  actual: readonly Table[],
): string[] {
  return owned.flatMap((name) => {
    const table = actual.find((one) => one.name === name)
    if (!table) return [`table ${name} is missing`]
    const wanted = plan.find((one) => one.name === name)
    return wanted ? compareTable(wanted, table) : []
  })
}

function compareTable(wanted: Table, table: Table): string[] {
  const columns = wanted.columns
    .filter((column) => !table.columns.includes(column))
    .map((column) => `column ${table.name}.${column} is missing`)
  const indexes = wanted.indexes
    .filter((index) => !table.indexes.some((one) => isSameIndex(index, one)))
    .map(
      ({ name, columns }) => `index ${name ?? 'unique'} on ${table.name} (${columns}) is missing`,
    )
  return [...columns, ...indexes]
}

function isSameIndex(wanted: PlanIndex, index: PlanIndex): boolean {
  return (
    wanted.columns.join() === index.columns.join() &&
    (wanted.name === null || wanted.name === index.name) &&
    (!wanted.isUnique || index.isUnique)
  )
}
