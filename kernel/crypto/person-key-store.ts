/** One row of a subgraph's `person_keys` table. */
export type PersonKeyRow = {
  personId: string
  /** Version of the operator key that wraps it. */
  keyVersion: number
  /** Sealed text (about 90 characters), or null once the key is shredded: the row stays as a tombstone. */
  wrappedKey: string | null
}

/** What a subgraph's table does for the keys of persons. */
export type PersonKeyStore = {
  /** Rows of the given persons (at most 1,000), in any order; persons without a row are left out. */
  findMany: (personIds: readonly string[]) => Promise<PersonKeyRow[]>
  /** Stores the row unless the person has one; answers the row that stands afterwards. */
  insert: (row: PersonKeyRow) => Promise<PersonKeyRow>
  /** Replaces the row only while it still equals `before`; answers whether it did. */
  replace: (before: PersonKeyRow, after: PersonKeyRow) => Promise<boolean>
  /** Live rows wrapped by a version below this one, ascending by person id, after `afterPersonId`. */
  findWrappedBelow: (version: number, page: PersonKeyPage) => Promise<PersonKeyRow[]>
  /** How many live rows are wrapped by a version below this one. */
  countWrappedBelow: (version: number) => Promise<number>
}

export type PersonKeyPage = { afterPersonId: string | null; limit: number }
