import { createClient } from 'graphql-ws'
import { describe, expect, test } from 'vitest'
import { openGraphqlWs } from '../../../kit/clients/graphql-ws.ts'
import { nobody, provesItself, startClientsWorld, TICKS } from '../../../kit/clients/proving.ts'
import { soon } from '../../../kit/clients/real-client.ts'

describe('graphql-ws', () => {
  provesItself(openGraphqlWs, 'socket')

  test('takes a refused connection for the end where nobody tells it otherwise', async () => {
    await using met = await startClientsWorld()
    await met.proxy.refuse()
    const { websocket: url } = met.way(nobody)
    const client = createClient({ url, retryAttempts: Number.POSITIVE_INFINITY, retryWait: soon })
    const ended = Promise.withResolvers<unknown>()
    const { resolve } = ended
    client.subscribe(
      { query: TICKS },
      { next: resolve, error: resolve, complete: () => resolve(null) },
    )
    expect(await ended.promise).toBeInstanceOf(Event)
    await met.proxy.accept()
  })
})
