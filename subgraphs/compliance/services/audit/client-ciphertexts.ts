import type { Client } from '#kernel/auth/client.ts'
import type { PersonKeys } from '#kernel/crypto/person-keys.ts'
import { isDomainError } from '#kernel/errors.ts'
import type { AuditLog } from '../../entities/audit-log.ts'

/** A client as an entry keeps it. */
export type ClientCiphertexts = { ipAddress: string | null; userAgent: string | null }

const CONTEXTS = { ipAddress: 'audit_logs.ip_address', userAgent: 'audit_logs.user_agent' } as const
const NOTHING: ClientCiphertexts = { ipAddress: null, userAgent: null }

type Sealed = Pick<AuditLog, 'userId' | 'ipAddress' | 'userAgent'>

/** Null where the person was erased: nothing more is kept of them. */
async function sealFor(
  keys: PersonKeys,
  personId: string,
  { text, context }: { text: string | null; context: string },
): Promise<string | null> {
  if (text === null) return null
  try {
    return await keys.encrypt(personId, text, { context })
  } catch (failure) {
    if (isDomainError(failure, 'PERSON_KEY_MISSING')) return null
    throw failure
  }
}

/** Under the acting person's key; without a person nothing is kept. */
export async function sealClient(
  keys: PersonKeys,
  personId: string | null,
  client: Client | null,
): Promise<ClientCiphertexts> {
  if (!client || personId === null) return NOTHING
  const { ip, userAgent } = client
  return {
    ipAddress: await sealFor(keys, personId, { text: ip, context: CONTEXTS.ipAddress }),
    userAgent: await sealFor(keys, personId, { text: userAgent, context: CONTEXTS.userAgent }),
  }
}

/** The clients of entries, in their order; null where nothing was kept or the key is gone. */
export async function readClients(
  keys: PersonKeys,
  entries: readonly Sealed[],
): Promise<(Client | null)[]> {
  const sealed = entries.flatMap(({ userId, ...entry }, index) =>
    (['ipAddress', 'userAgent'] as const).flatMap((column) => {
      const ciphertext = entry[column]
      if (userId == null || ciphertext == null) return []
      return [{ index, column, personId: userId, ciphertext, context: CONTEXTS[column] }]
    }),
  )
  const clear = await keys.decryptMany(sealed)
  const clients: (Client | null)[] = entries.map(() => null)
  for (const [position, { index, column }] of sealed.entries()) {
    const text = clear[position] ?? null
    if (text === null) continue
    const known = clients[index] ?? { ip: null, userAgent: null }
    clients[index] = column === 'ipAddress' ? { ...known, ip: text } : { ...known, userAgent: text }
  }
  return clients
}
