import { createDbsbm, DbsbmError } from '../../../sdk/src/index.ts'
import { codesOf, followed, type OpenClient, type Outcome, outcomeOf } from './real-client.ts'

const outcomeOfFailure = (failure: unknown): Outcome => {
  if (!(failure instanceof DbsbmError)) throw failure
  return { data: null, codes: failure.errors.length > 0 ? codesOf(failure.errors) : [failure.code] }
}

/** The global WebSocket, which notes how its sockets were closed. */
function notingWebSocket(closed: number[]) {
  return class extends WebSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols)
      this.addEventListener('close', ({ code }) => closed.push(code))
    }
  }
}

/** Our own client. */
export const openSdk: OpenClient = ({ endpoint: url, token }) => {
  const closed: number[] = []
  const client = createDbsbm({
    url,
    credentials: { accessToken: token },
    webSocketImpl: notingWebSocket(closed),
  })
  const asked = (answered: Promise<{ data: unknown; failure: DbsbmError | null }>) =>
    answered.then(
      ({ data, failure }) => outcomeOf({ data, errors: failure?.errors }),
      outcomeOfFailure,
    )
  return {
    query: (text) => asked(client.query(text, {}, { partial: true })),
    mutate: (text) => asked(client.mutate(text, {}, { partial: true })),
    follow: (text) =>
      followed(({ next, end }) => {
        const events = client.subscribe(text)
        const read = async () => {
          for await (const { data } of events) next({ data, codes: [] })
        }
        read().then(
          () => end([]),
          (failure) => end(outcomeOfFailure(failure).codes),
        )
        return () => void events.return()
      }),
    closed,
    [Symbol.dispose]: () => void client.close(),
  }
}
