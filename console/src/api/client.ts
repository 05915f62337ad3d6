import { authExchange } from '@urql/exchange-auth'
import { cacheExchange } from '@urql/exchange-graphcache'
import { Client, type CombinedError, fetchExchange } from 'urql'
import { gatewayFacts } from '../gateway-facts.ts'
import { distrust, renew, sessionState } from '../session/session.ts'
import { documentIdOf } from './payload.ts'
import { Unsent } from './problem.ts'

const PATIENCE_MS = 20_000
const TOKEN_CODES: readonly unknown[] = ['TOKEN_EXPIRED', 'TOKEN_REVOKED', 'TOKEN_INVALID']

const codesOf = ({ graphQLErrors }: CombinedError) =>
  graphQLErrors.map(({ extensions }) => extensions.code)

/** A browser without a network still reaches its own machine. */
const isCutOff = () =>
  !navigator.onLine && !['localhost', '127.0.0.1', '[::1]'].includes(location.hostname)

/** Names the document in place of sending it, and gives up in time. */
const fetchByName: typeof fetch = async (input, init = {}) => {
  if (isCutOff()) throw new Unsent('The browser has no network.')
  const { query: _text, ...body } = JSON.parse(String(init.body)) as Record<string, unknown>
  const documentId = documentIdOf(String(body.operationName))
  const patience = AbortSignal.timeout(PATIENCE_MS)
  const signal = init.signal ? AbortSignal.any([init.signal, patience]) : patience
  return fetch(input, { ...init, signal, body: JSON.stringify({ ...body, documentId }) })
}

/** What has no id of its own lies within what it belongs to. */
const embedded = () => null

const cache = () =>
  cacheExchange({
    keys: {
      BettingLimit: embedded,
      Competition: embedded,
      Contrast: embedded,
      FairPrice: embedded,
      FairPrices: embedded,
      GuildSettings: embedded,
      MarketBook: embedded,
      MarketConsensus: embedded,
      OutcomeFigures: embedded,
      Money: embedded,
      PageInfo: embedded,
      PriceMovement: embedded,
      PriceOffer: embedded,
      Score: embedded,
      SecurityEventAggregate: embedded,
      SelectionChance: embedded,
    },
  })

/** A client with an empty cache of its own: one for each set of rights, so that none sees another's answers. */
export function createConsoleClient(): Client {
  return new Client({
    url: gatewayFacts.endpoint,
    fetch: fetchByName,
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    exchanges: [
      cache(),
      authExchange(async (utils) => ({
        addAuthToOperation(operation) {
          const state = sessionState.get()
          if (state.kind !== 'signed-in') return operation
          const authorization = `Bearer ${state.session.accessToken}`
          return utils.appendHeaders(operation, { authorization })
        },
        willAuthError() {
          const state = sessionState.get()
          return state.kind === 'signed-in' && state.session.expiresAt - Date.now() < 5_000
        },
        didAuthError: (error) => codesOf(error).some((code) => TOKEN_CODES.includes(code)),
        async refreshAuth() {
          const state = sessionState.get()
          if (state.kind === 'signed-in') distrust(state.session.accessToken)
          await renew().catch(() => null)
        },
      })),
      fetchExchange,
    ],
  })
}
