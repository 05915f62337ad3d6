import { proveRule } from './kit/rule.ts'
import {
  configurationInOnePlace,
  guardedDatabase,
  injectedTime,
  noConsole,
  typesWithoutManager,
} from './rules/bans.ts'

const service = (text: string) => ({ 'subgraphs/identity/services/users.ts': text })

proveRule(configurationInOnePlace, {
  allows: {
    'the one place reads it': { 'kernel/config.ts': 'const port = process.env.PORT' },
    'a comment speaks of it': { 'kernel/log.ts': '// process.env is not read here' },
    'a test sets it': { 'test/kit/env.ts': "process.env.DATA_DIR = 'x'" },
  },
  refuses: {
    'the gateway reads it': { 'gateway/main.ts': 'const port = process.env.PORT' },
    'the gateway hands it on whole': { 'gateway/main.ts': 'start(process.env)' },
    'the gateway reads it by text': { 'gateway/main.ts': "start(process['env'])" },
  },
})

proveRule(noConsole, {
  allows: { 'a text names it': { 'kernel/log.ts': "const name = 'console.log'" } },
  refuses: { 'a service prints': service('console.error(user)') },
})

proveRule(injectedTime, {
  allows: {
    'a date of a known instant': service("const opened = new Date('2024-01-01T00:00:00Z')"),
    'the clock itself': { 'kernel/clock.ts': 'const now = () => new Date()' },
  },
  refuses: {
    'the time of the machine': service('const now = new Date()'),
    'the time of the machine as a number': service('const now = Date.now()'),
    'chance of the machine': service('const risk = Math.random()'),
  },
})

proveRule(guardedDatabase, {
  allows: {
    'find and flush': service('const users = await em.find(User, {}); await em.flush()'),
    'map and insert of other things': service(
      'list.map(name); tree.insert(name); odds.merge(more)',
    ),
    'filters that stay on': service("em.find(User, {}, { filters: ['tenant'] })"),
    'the room where they stand': { 'kernel/db/pages.ts': "em.createQueryBuilder(User, 'u')" },
  },
  refuses: {
    'a query builder': service("em.createQueryBuilder(User, 'u')"),
    'a query builder by its short name': service('em.qb(User)'),
    Knex: service('em.getKnex()'),
    Kysely: service('em.getKysely()'),
    'a reference nobody loaded': service("em.getReference(User, '1')"),
    'an upsert': service('await em.upsert(User, user)'),
    'an upsert of many': service('await em.upsertMany(User, users)'),
    'an insert': service('await em.insert(User, user)'),
    'an insert in a transaction': service('await tx.insert(User, user)'),
    'an insert on a fork': service('await em.fork().insert(User, user)'),
    'an insert on a service’s own manager': service('await this.em.insert(User, user)'),
    'an insert of many': service('await em.insertMany(User, users)'),
    'a merge': service('em.merge(User, user)'),
    'a map': service('em.map(User, row)'),
    'a native update': service('await em.nativeUpdate(User, {}, {})'),
    'a native delete': service('await em.nativeDelete(User, {})'),
    'a connection': service('em.getConnection().execute(text)'),
    'SQL on the manager': service("em.execute('select 1')"),
    'raw SQL in a condition': service("import { raw } from '@mikro-orm/core'"),
    'an SQL template': service("import { sql } from '@mikro-orm/sql'"),
    'all filters lifted': service('em.find(User, {}, { filters: false })'),
    'a transaction shared by hand': service('tx.fork({ keepTransactionContext: true })'),
    'one filter lifted': service('em.find(User, {}, { filters: { tenant: false } })'),
  },
})

const type = (text: string) => ({ 'subgraphs/identity/types/user.ts': text })

proveRule(typesWithoutManager, {
  allows: {
    'a resolver calls a service': type('const r = (_, { id }, { users }) => users.byId(id)'),
  },
  refuses: {
    'a resolver takes the manager from the context': type('const r = (_, { id }, { em }) => em'),
    'a resolver reaches for it': type('const r = (_, args, context) => context.em'),
    'a type file imports the ORM': type("import type { Loaded } from '@mikro-orm/core'"),
  },
})
