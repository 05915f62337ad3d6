import type { Configuration, Dictionary, LoggingOptions, Transaction } from '@mikro-orm/core'
import {
  AbstractSqlDriver,
  BaseSqliteConnection,
  isRaw,
  NativeQueryBuilder,
  type RawQueryFragment,
  SqlitePlatform,
} from '@mikro-orm/sql'
import { CompiledQuery, type ControlledTransaction, type Kysely } from 'kysely'

type Query = string | NativeQueryBuilder | RawQueryFragment
type Method = 'all' | 'get' | 'run'
type Statement = { sql: string; parameters: unknown[] }

/** What SQLite takes in one statement (SQLITE_MAX_VARIABLE_NUMBER). */
const MOST_PARAMETERS = 32_766

/** Values that stand for one placeholder each; lists and JSON are for the ORM to write out. */
const isValue = (value: unknown) =>
  value === null || typeof value !== 'object' || value instanceof Date || Buffer.isBuffer(value)

/** The values apart from the SQL, fragments among them with theirs; null where only the ORM knows how to write it. */
function bind(sql: string, params: unknown): Statement | null {
  const pieces = sql.split('?')
  // As many placeholders as values: then none is an identifier's (`??`), escaped, or part of a text.
  if (!Array.isArray(params) || pieces.length !== params.length + 1) return null
  const statement: Statement = { sql: pieces[0] ?? '', parameters: [] }
  for (const [index, param] of params.entries()) {
    const value = isValue(param) ? { sql: '?', parameters: [param] } : null
    const part = isRaw(param) ? bind(param.sql, param.params) : value
    if (!part) return null
    statement.sql += `${part.sql}${pieces[index + 1]}`
    statement.parameters.push(...part.parameters)
  }
  return statement.parameters.length > MOST_PARAMETERS ? null : statement
}

function toStatement(query: Query, params: readonly unknown[] | Dictionary<unknown>) {
  const raw = query instanceof NativeQueryBuilder ? query.toRaw() : query
  return isRaw(raw) ? bind(raw.sql, raw.params) : bind(raw as string, params)
}

/** Statements in a row, of all databases of the process, until its event loop has had a turn. */
const STATEMENTS_PER_TURN = 32
let inThisTurn = 0

/**
 * Statements run within the process, and awaiting their results turns no event loop: without this a crowd of requests
 * would keep sockets, timers and signals waiting until all of them are done.
 */
async function giveWay(): Promise<void> {
  while (inThisTurn >= STATEMENTS_PER_TURN) await new Promise((resume) => setImmediate(resume))
  if (inThisTurn === 0) {
    setImmediate(() => {
      inThisTurn = 0
    })
  }
  inThisTurn += 1
}

/**
 * Hands values over beside the SQL, where the ORM writes them into it: so that a statement asked again with other
 * values is the same statement, prepared once.
 */
class BindingConnection extends BaseSqliteConnection {
  override async execute<Result>(
    query: Query,
    params: readonly unknown[] | Dictionary<unknown> = [],
    method: Method = 'all',
    ctx?: Transaction,
    loggerContext?: LoggingOptions,
  ): Promise<Result> {
    await giveWay()
    const statement = toStatement(query, params)
    if (!statement) return super.execute(query, params, method, ctx, loggerContext) as Result
    await this.ensureConnection()
    return this.executeQuery(
      statement.sql,
      () => this.#run<Result>(statement, method, ctx),
      loggerContext,
    )
  }

  async #run<Result>(
    { sql, parameters }: Statement,
    method: Method,
    ctx?: Transaction<ControlledTransaction<unknown>>,
  ): Promise<Result> {
    const client: Pick<Kysely<unknown>, 'executeQuery'> = ctx ?? this.getClient()
    const result = await client.executeQuery(CompiledQuery.raw(sql, parameters))
    return this.transformRawResult(result, method)
  }
}

/** The ORM on SQLite, for a Kysely dialect given as `driverOptions`. */
export class BindingSqliteDriver extends AbstractSqlDriver<BindingConnection> {
  constructor(config: Configuration) {
    super(config, new SqlitePlatform(), BindingConnection, ['kysely'])
  }
}
