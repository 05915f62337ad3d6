import { type LookupHash, normalizeEmail } from '#kernel/crypto/lookup-hash.ts'
import { keysWithin } from '#kernel/crypto/person-key-rows.ts'
import type { PersonKeys } from '#kernel/crypto/person-keys.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import type { User } from '../entities/user.ts'
import { identityError } from '../errors.ts'

/** What is personal of a user, in clear; never stored so. */
export type Personal = {
  email: string | null
  displayName: string | null
  discordId: string | null
}

export type PersonData = ReturnType<typeof createPersonData>

const COLUMNS = ['email', 'displayName', 'discordId'] as const
const CONTEXTS = {
  email: 'users.email',
  displayName: 'users.display_name',
  discordId: 'users.discord_id',
} as const
const DISCORD_ID = /^[1-9]\d{4,18}$/

/** The form of personal values before they are stored. @throws EMAIL_INVALID, USER_NAME_INVALID */
function normalise({ email, displayName, discordId }: Personal): Personal {
  const name = displayName?.trim().normalize('NFC') ?? null
  const isNameGood = name === null || (name.length >= 1 && name.length <= 100)
  if (!isNameGood || (discordId !== null && !DISCORD_ID.test(discordId))) {
    throw identityError('USER_NAME_INVALID')
  }
  return { email: email === null ? null : normalizeEmail(email), displayName: name, discordId }
}

/** Personal values of users: encrypted under each person's key, looked up by keyed hash. */
export function createPersonData({
  personKeys,
  lookup,
}: {
  personKeys: PersonKeys
  lookup: LookupHash
}) {
  return {
    /** @throws EMAIL_INVALID */
    emailHash: (email: string) => lookup.ofEmail('users.email', email),

    /** The hashes by which a new person is found again. @throws EMAIL_INVALID, USER_NAME_INVALID */
    hashesOf: (personal: Personal) => {
      const { email, discordId } = normalise(personal)
      return {
        emailHash: email === null ? null : lookup.ofEmail('users.email', email),
        discordHash: discordId === null ? null : lookup.of('users.discord_id', discordId),
      }
    },

    /** Writes the personal columns of a user whose id is known, inside a transaction. */
    write: async (tx: SqlEntityManager, user: User, personal: Personal): Promise<void> => {
      const within = keysWithin(personKeys, tx)
      const clear = normalise(personal)
      for (const column of COLUMNS) {
        const value = clear[column]
        user[column] =
          value === null
            ? null
            : await within.encrypt(user.id, value, { context: CONTEXTS[column] })
      }
    },

    /** The personal values of many users with one look at the keys; null where erased. */
    readMany: async (users: readonly User[]): Promise<Personal[]> => {
      const places = users.flatMap((user, index) =>
        COLUMNS.flatMap((column) => {
          const ciphertext = user[column]
          return ciphertext ? [{ index, column, personId: user.id, ciphertext }] : []
        }),
      )
      const clear = await personKeys.decryptMany(
        places.map(({ personId, ciphertext, column }) => ({
          personId,
          ciphertext,
          context: CONTEXTS[column],
        })),
      )
      const read: Personal[] = users.map(() => ({
        email: null,
        displayName: null,
        discordId: null,
      }))
      for (const [position, { index, column }] of places.entries()) {
        const personal = read[index]
        if (personal) personal[column] = clear[position] ?? null
      }
      return read
    },
  }
}
