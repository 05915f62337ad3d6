import { isDomainError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { type CalleeClocks, createCalleeClocks } from './callee-clocks.ts'
import { openSealedTime } from './sealed-time.ts'
import { mintServiceToken, type ServiceTokenDeps, type ServiceTokenInput } from './service-token.ts'

/** For whom a token is. */
export type TokenFor = Omit<ServiceTokenInput, 'caller'>

/** The tokens of one caller, each in the time of its callee. */
export type CalleeTokens = {
  /** Throws SERVICE_TOKEN_TOO_LARGE. */
  mint: (input: TokenFor) => string
  /**
   * Learns the callee's time from its refusal of exactly this token, where it is one for its time.
   * @returns whether a token minted now is worth sending
   */
  learn: (refused: { callee: string; token: string; refusal: unknown }) => boolean
  /** See `CalleeClocks`. */
  clockOffsets: CalleeClocks['offsets']
}

export type CalleeTokensDeps = ServiceTokenDeps & { caller: string; log: Logger }

const FOR_ITS_TIME: ReadonlySet<string> = new Set(['SERVICE_TOKEN_EXPIRED', 'SERVICE_TOKEN_EARLY'])

/** Mints for every callee, and remembers how far their clocks are. */
export function createCalleeTokens({ caller, log, ...deps }: CalleeTokensDeps): CalleeTokens {
  const clocks = createCalleeClocks({ clock: deps.clock, log })
  return {
    mint: (input) =>
      mintServiceToken({ ...deps, clock: clocks.clockOf(input.callee) }, { ...input, caller }),
    learn({ callee, token, refusal }) {
      if (!isDomainError(refusal) || !FOR_ITS_TIME.has(refusal.code)) return false
      const now = openSealedTime(deps.keys.between(caller, callee), token, refusal.extensions)
      if (now !== null) return clocks.learn(callee, now)
      log.warn({ callee, code: refusal.code }, 'a refusal does not come from whom it should')
      return false
    },
    clockOffsets: clocks.offsets,
  }
}
