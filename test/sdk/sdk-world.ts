import { createDbsbm, type Dbsbm, type DbsbmOptions } from '../../sdk/src/index.ts'
import type { TestPlatform } from '../kit/platform.ts'

/** How long a whole platform or a packed package may take on a busy machine. */
export const SETUP_MS = 120_000

/** What a client sent over HTTP, in order. */
export type SentQuestion = { query: string; variables: unknown; authorization: string | null }

/** A client that a test disposes, and what it sends. */
export type SdkWorld = Dbsbm & AsyncDisposable & { sent: SentQuestion[] }

/** What becomes of a question on its way; by default it is asked. */
export type Way = (
  question: SentQuestion,
  pass: () => Promise<Response>,
) => Promise<Response> | Response

/** Opens a client whose questions go a way that a test chooses. */
export function openSdkWorld(
  options: DbsbmOptions,
  way: Way = (_question, pass) => pass(),
): SdkWorld {
  const sent: SentQuestion[] = []
  const client = createDbsbm({
    ...options,
    fetch: async (url, request = {}) => {
      const { query, variables } = JSON.parse(String(request.body))
      const authorization = new Headers(request.headers).get('authorization')
      const question = { query, variables, authorization }
      sent.push(question)
      return way(question, () => fetch(url, request))
    },
  })
  return { ...client, sent, [Symbol.asyncDispose]: client.close }
}

/** The same at a platform. */
export const openSdkAt = (
  { url }: TestPlatform,
  credentials?: DbsbmOptions['credentials'],
  way?: Way,
): SdkWorld => openSdkWorld({ url, ...(credentials && { credentials }) }, way)

/** What a promise was refused with. */
export async function refusalOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return { answered: await promise }
  } catch (failure) {
    return failure
  }
}

/** How many of what was sent hold a word. */
export const countOf = (sent: readonly SentQuestion[], word: string): number =>
  sent.filter(({ query }) => query.includes(word)).length
