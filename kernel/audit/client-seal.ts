import { type Client, isClient } from '../auth/client.ts'
import { deriveSubkey } from '../crypto/keyed-hash.ts'
import { sealText, unsealText } from '../crypto/sealed-box.ts'
import type { Randomness } from '../ids.ts'

/** Carries a client's address and program to the audit log without writing them in clear. */
export type ClientSeal = {
  /** `c1.<iv>.<ciphertext+tag>` (AES-256-GCM), or null when there is nothing to carry. */
  seal: (client: Client | null) => string | null
  /** Null for any text that this seal did not make. */
  unseal: (text: string) => Client | null
}

/**
 * Sealed under a subkey of the operator's root, which no rotation changes: it travels between
 * subgraphs for a moment. Where it stays, the audit log seals it again under the person's own key.
 */
export function createClientSeal({
  operatorKeys,
  randomness,
}: {
  operatorKeys: { root: Buffer }
  randomness: Randomness
}): ClientSeal {
  const seal = {
    format: 'c1',
    key: deriveSubkey(operatorKeys.root, 'audit client'),
    associated: 'dbsbm:c1:audit-client',
  }
  const isEmpty = ({ ip, userAgent }: Client) => ip === null && userAgent === null
  return {
    seal: (client) => {
      if (client === null || isEmpty(client)) return null
      const { ip, userAgent } = client
      return sealText(seal, Buffer.from(JSON.stringify({ ip, userAgent })), randomness)
    },
    unseal: (text) => {
      const plaintext = unsealText(seal, text)
      if (plaintext === null) return null
      const client = JSON.parse(plaintext.toString('utf8')) as unknown
      return isClient(client) ? client : null
    },
  }
}
