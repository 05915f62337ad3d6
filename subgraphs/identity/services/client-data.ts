import type { Client } from '#kernel/auth/client.ts'
import { networkOf } from '#kernel/auth/networks.ts'
import type { LookupHash } from '#kernel/crypto/lookup-hash.ts'
import { keysWithin } from '#kernel/crypto/person-key-rows.ts'
import type { PersonKeys } from '#kernel/crypto/person-keys.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { isDomainError } from '#kernel/errors.ts'
import type { SecurityEvent } from '../entities/security-event.ts'

/** A client as a row keeps it: ciphertexts, or the hash of a stranger's network. */
export type SealedClient = { ipAddress: string | null; userAgent: string | null }

const CONTEXTS = {
  ipAddress: 'security_events.ip_address',
  userAgent: 'security_events.user_agent',
  lastLoginIp: 'user_settings.last_login_ip',
} as const
const HASHED = 'n1.'
const NOTHING: SealedClient = { ipAddress: null, userAgent: null }

export type ClientData = ReturnType<typeof createClientData>

/** Under whose key an event keeps its client: whoever did it, else whom it concerns. */
const personOf = ({ actorId, userId }: Pick<SecurityEvent, 'actorId' | 'userId'>) =>
  actorId ?? userId ?? null

/** Addresses and programs of clients: under a person's key, or not at all. */
export function createClientData({
  personKeys,
  lookup,
}: {
  personKeys: PersonKeys
  lookup: LookupHash
}) {
  /** Null where the person's key was destroyed: nothing more is kept of who was erased. */
  const seal = async (
    tx: SqlEntityManager,
    personId: string,
    { value, context }: { value: string | null; context: string },
  ): Promise<string | null> => {
    if (value === null) return null
    try {
      return await keysWithin(personKeys, tx).encrypt(personId, value, { context })
    } catch (failure) {
      if (isDomainError(failure, 'PERSON_KEY_MISSING')) return null
      throw failure
    }
  }

  return {
    /** For a security event; of a client without a known person only a keyed hash of the network. */
    ofEvent: async (
      tx: SqlEntityManager,
      client: Client | null,
      event: Pick<SecurityEvent, 'actorId' | 'userId'>,
    ): Promise<SealedClient> => {
      if (!client) return NOTHING
      const { ip, userAgent } = client
      const personId = personOf(event)
      if (personId === null) {
        const hash = ip && lookup.of('security_events.network', networkOf(ip))
        return { ipAddress: hash && `${HASHED}${hash}`, userAgent: null }
      }
      const { ipAddress, userAgent: program } = CONTEXTS
      return {
        ipAddress: await seal(tx, personId, { value: ip, context: ipAddress }),
        userAgent: await seal(tx, personId, { value: userAgent, context: program }),
      }
    },

    /** For `user_settings.last_login_ip`. */
    ofLastLogin: (tx: SqlEntityManager, userId: string, ip: string | null) =>
      seal(tx, userId, { value: ip, context: CONTEXTS.lastLoginIp }),

    /** The clients of events, in their order; null where nothing was kept or the key is gone. */
    readMany: async (events: readonly SecurityEvent[]): Promise<Client[]> => {
      const sealed = events.flatMap((event, index) => {
        const personId = personOf(event)
        return (['ipAddress', 'userAgent'] as const).flatMap((column) => {
          const ciphertext = event[column]
          if (!personId || !ciphertext || ciphertext.startsWith(HASHED)) return []
          return [{ index, column, personId, ciphertext, context: CONTEXTS[column] }]
        })
      })
      const clear = await personKeys.decryptMany(sealed)
      const clients: Client[] = events.map(() => ({ ip: null, userAgent: null }))
      for (const [position, { index, column }] of sealed.entries()) {
        const client = clients[index]
        if (client) client[column === 'ipAddress' ? 'ip' : column] = clear[position] ?? null
      }
      return clients
    },
  }
}
