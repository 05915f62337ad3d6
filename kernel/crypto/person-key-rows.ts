import { flushUnlessTaken, updateWhere } from '../db/conditional-writes.ts'
import type { SqlEntityManager } from '../db/database.ts'
import { forkInside } from '../db/fork-inside.ts'
import { PersonKey } from './person-key.ts'
import type { PersonKeyRow, PersonKeyStore } from './person-key-store.ts'
import type { PersonKeys } from './person-keys.ts'

const toRow = ({ personId, keyVersion, wrappedKey }: PersonKey): PersonKeyRow => ({
  personId,
  keyVersion,
  wrappedKey: wrappedKey ?? null,
})

const wrappedBelow = (version: number) => ({
  keyVersion: { $lt: version },
  wrappedKey: { $ne: null },
})

/** The keys of persons in the table `person_keys`; `open` gives a fresh unit of work. */
export function createPersonKeyRows(open: () => SqlEntityManager): PersonKeyStore {
  const findMany = async (personIds: readonly string[]) => {
    const rows = await open().find(PersonKey, { personId: { $in: [...personIds] } })
    return rows.map(toRow)
  }
  return {
    findMany,
    insert: async (row) => {
      const em = open()
      em.persist(em.create(PersonKey, row))
      if (await flushUnlessTaken(em)) return row
      const [standing] = await findMany([row.personId])
      return standing ?? row
    },
    replace: async (before, { keyVersion, wrappedKey }) =>
      (await updateWhere(open(), PersonKey, {
        where: { ...before },
        set: { keyVersion, wrappedKey },
      })) === 1,
    findWrappedBelow: async (version, { afterPersonId, limit }) => {
      const rows = await open().find(
        PersonKey,
        { ...wrappedBelow(version), personId: { $gt: afterPersonId ?? '' } },
        { orderBy: { personId: 'asc' }, limit },
      )
      return rows.map(toRow)
    },
    countWrappedBelow: (version) => open().count(PersonKey, wrappedBelow(version)),
  }
}

/** The keys in an open transaction, but with nothing of its pending changes. */
export const keysWithin = (personKeys: PersonKeys, tx: SqlEntityManager): PersonKeys =>
  personKeys.within(createPersonKeyRows(() => forkInside(tx)))
