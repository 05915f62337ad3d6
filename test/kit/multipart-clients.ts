import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client'

/** The bytes of an answer in parts as they arrive. */
export type RawStream = AsyncDisposable & {
  status: number
  headers: Headers
  /** All that came until now. */
  text: () => string
  /** The bodies of the parts that came whole, parsed. */
  parts: () => unknown[]
  /** Whether the answer ended properly. */
  ended: Promise<'complete' | 'cut'>
  cancel: () => void
}

export const SUBSCRIPTION_ACCEPT = 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0'

/** Posts an operation and reads an answer in several parts. */
export async function openParts(
  endpoint: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<RawStream> {
  const controller = new AbortController()
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: SUBSCRIPTION_ACCEPT, ...headers },
    body: JSON.stringify(body),
    signal: controller.signal,
  })
  const chunks: string[] = []
  const boundary = /boundary="([^"]+)"/.exec(response.headers.get('content-type') ?? '')?.[1] ?? ''
  const text = () => chunks.join('')
  const cancel = () => controller.abort()
  return {
    ...{ status: response.status, headers: response.headers, text, cancel },
    parts: () => partsOf(text(), boundary),
    ended: readAll(response, chunks).then((isWhole) =>
      isWhole && text().endsWith(`\r\n--${boundary}--\r\n`) ? 'complete' : 'cut',
    ),
    [Symbol.asyncDispose]: async () => cancel(),
  }
}

/** True when the connection was not cut. */
async function readAll(response: Response, chunks: string[]): Promise<boolean> {
  const decoder = new TextDecoder()
  try {
    for await (const chunk of response.body ?? [])
      chunks.push(decoder.decode(chunk, { stream: true }))
    return true
  } catch (failure) {
    if (!(failure instanceof Error)) throw failure
    return false
  }
}

/** A part ends with the delimiter of the next. */
function partsOf(text: string, boundary: string): unknown[] {
  const [_preamble, ...parts] = text.split(`\r\n--${boundary}`)
  return parts.slice(0, -1).map((part) => JSON.parse(part.slice(part.indexOf('\r\n\r\n'))))
}

/** Asks for an answer in parts, takes its beginning and then reads no more. */
export async function stalledReader(
  url: string,
  { query, accept }: { query: string; accept: string },
): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  const body = JSON.stringify({ query })
  const head = ['POST /graphql HTTP/1.1', 'host: gateway', `accept: ${accept}`]
  const size = `content-length: ${body.length}`
  socket.write([...head, 'content-type: application/json', size, '', body].join('\r\n'))
  await once(socket, 'data')
  socket.pause()
  return socket
}

/** A real Apollo Client, over HTTP alone and without a cache that answers. */
export function apolloClient(
  endpoint: string,
  {
    handler,
    headers,
  }: {
    handler?: ApolloClient.Options['incrementalHandler']
    headers?: Record<string, string>
  } = {},
): ApolloClient {
  return new ApolloClient({
    link: new HttpLink({ uri: endpoint, includeExtensions: true, ...(headers ? { headers } : {}) }),
    cache: new InMemoryCache(),
    defaultOptions: { query: { fetchPolicy: 'no-cache' }, watchQuery: { fetchPolicy: 'no-cache' } },
    ...(handler ? { incrementalHandler: handler } : {}),
  })
}

/** What a subscription of Apollo Client brought, and how it ended. */
export type ApolloSubscribed = { results: unknown[]; ended: Promise<unknown>; stop: () => void }

/** Subscribes by Apollo Client, from a cursor if one is named. */
export function subscribeWith(
  client: ApolloClient,
  query: ReturnType<typeof import('@apollo/client').gql>,
  extensions: Record<string, unknown> = {},
): ApolloSubscribed {
  const results: unknown[] = []
  const { promise, resolve } = Promise.withResolvers<unknown>()
  const observable = client.subscribe({ query, extensions, fetchPolicy: 'no-cache' })
  const subscription = observable.subscribe({
    next: (result) => void results.push(result),
    error: resolve,
    complete: () => resolve('complete'),
  })
  return { results, ended: promise, stop: () => subscription.unsubscribe() }
}
