import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { parseApiKey } from '#kernel/auth/api-key-format.ts'
import type { Clock } from '#kernel/clock.ts'
import { gatewayError } from '../../errors.ts'
import type { WhoSettings } from '../../settings.ts'

import type { Identity, IdentityStrategy, Presentation } from './identity.ts'
import type { Revocations } from './revocations.ts'

export type ApiKeyDeps = {
  /**
   * Asks identity; null when it does not know the key or refuses it from that address. A key says
   * nothing of its time; identity's word does, and a revocation ends what was said before it.
   */
  introspect: (key: string, ip: string | null) => Promise<Identity | null>
  revocations: Revocations
  clock: Clock
  settings: WhoSettings
}

type Answer = { identity: Identity | null; askedAt: number }

/** API keys: format and checksum first, then identity's word, remembered for seconds, good or bad. */
export function createApiKeyStrategy(deps: ApiKeyDeps): IdentityStrategy {
  const remembered = new LRUCache<string, Promise<Answer>>({ max: deps.settings.rememberedKeys })
  return {
    name: 'api-key',
    recognises: (credential) => credential.startsWith('dsk_'),
    async identify(presentation) {
      if (!parseApiKey(presentation.credential)) throw gatewayError('API_KEY_INVALID')
      const { identity } = await ask(deps, remembered, presentation)
      if (!identity || deps.revocations.isRevoked(identity)) throw gatewayError('API_KEY_INVALID')
      const { expiresAt } = identity
      if (expiresAt && expiresAt <= deps.clock.now()) throw gatewayError('API_KEY_INVALID')
      return identity
    },
  }
}

async function ask(
  deps: ApiKeyDeps,
  remembered: LRUCache<string, Promise<Answer>>,
  { credential, ip }: Presentation,
): Promise<Answer> {
  // A key may be bound to addresses: the same key from elsewhere is another question.
  const question = hash('sha256', `${credential} ${ip ?? ''}`, 'base64url')
  const now = deps.clock.now().getTime()
  // Nothing is waited for between the last look and the question: who asks in the same moment sees it.
  let asked = remembered.get(question)
  while (asked) {
    const known = await asked
    if (now - known.askedAt < deps.settings.keyMemoryMs) return known
    const newest = remembered.get(question)
    if (newest === asked) break
    asked = newest
  }
  const asking = deps
    .introspect(credential, ip)
    .then((identity): Answer => ({ identity: identity && dated(identity, now), askedAt: now }))
  // Callers who ask at once share one question; a failure to ask is not remembered.
  remembered.set(question, asking)
  asking.catch(() => remembered.delete(question))
  return asking
}

/** An identity of the version before does not say when it answered. */
function dated(identity: Identity, now: number): Identity {
  return identity.issuedAt ? identity : { ...identity, issuedAt: new Date(now) }
}
