import { describeDefaultRoles, openIdentityDatabase } from './default-roles-suite.ts'

describeDefaultRoles('SQLite', async () => {
  const database = await openIdentityDatabase('sqlite::memory:')
  return { ...database, [Symbol.asyncDispose]: () => database.close() }
})
