import type { KeyObject } from 'node:crypto'
import { AUDIT_KIND } from '#kernel/audit/audit.ts'
import { createPersonKeyRows } from '#kernel/crypto/person-key-rows.ts'
import { createPersonKeys, type PersonKeys } from '#kernel/crypto/person-keys.ts'
import type { Loop } from '#kernel/jobs/loop.ts'
import type { InboxHandlers, SubgraphDeps } from '#kernel/service/subgraph.ts'
import { createAlertLoop } from '../alerts/evaluate.ts'
import { createAppend } from './append.ts'
import { chainKeyOf } from './entry.ts'
import { createHeads, type Heads } from './heads.ts'
import { createTail } from './tail.ts'

/** What all requests and deliveries of one process share. */
export type AuditCore = {
  chainKey: KeyObject
  personKeys: PersonKeys
  heads: Heads
  tail: Loop
  alerts: Loop
  inbox: InboxHandlers
}

export function createAuditCore(deps: SubgraphDeps): AuditCore {
  const { database, operatorKeys, randomness, clock, log, clientSeal } = deps
  const store = createPersonKeyRows(() => database.acrossTenants())
  const personKeys = createPersonKeys({ operatorKeys, randomness, clock, store })
  const chainKey = chainKeyOf(operatorKeys)
  const heads = createHeads(chainKey)
  const tail = createTail(deps)
  const alerts = createAlertLoop(deps)
  const append = createAppend({
    ...{ clock, log, clientSeal, personKeys, chainKey, heads },
    wake: () => {
      tail.wake()
      alerts.wake()
    },
  })
  return { chainKey, personKeys, heads, tail, alerts, inbox: { [AUDIT_KIND]: append } }
}
