import type { PersonKeyRow, PersonKeyStore } from '#kernel/crypto/person-key-store.ts'

/** A table of person keys in memory: the contract of the store, with a count of its looks. */
export function createMemoryKeyStore(rows: Map<string, PersonKeyRow> = new Map()) {
  let looks = 0
  const ascending = () => [...rows.values()].sort((a, b) => (a.personId < b.personId ? -1 : 1))
  const live = (version: number) =>
    ascending().filter(({ keyVersion, wrappedKey }) => keyVersion < version && wrappedKey !== null)

  const store: PersonKeyStore = {
    findMany: async (personIds) => {
      looks += 1
      return personIds.flatMap((personId) => rows.get(personId) ?? [])
    },
    insert: async (row) => {
      const standing = rows.get(row.personId) ?? row
      rows.set(row.personId, standing)
      return standing
    },
    replace: async (before, after) => {
      const standing = rows.get(before.personId)
      const isSame =
        standing?.keyVersion === before.keyVersion && standing.wrappedKey === before.wrappedKey
      if (isSame) rows.set(after.personId, after)
      return isSame
    },
    findWrappedBelow: async (version, { afterPersonId, limit }) =>
      live(version)
        .filter(({ personId }) => afterPersonId === null || personId > afterPersonId)
        .slice(0, limit),
    countWrappedBelow: async (version) => live(version).length,
  }
  return { store, rows, looks: () => looks }
}
