import { Agent } from 'node:http'
import { type Answer, post } from '../load.ts'
import type { Documents } from './documents.ts'
import type { Asked, Asker, Made, Maker } from './maker.ts'

/** An answer that is none: what the platform said instead. */
export class Refused extends Error {
  readonly code: string

  constructor(root: string, code: string, text: string) {
    super(`${root}: ${code} ${text.slice(0, 300)}`)
    this.code = code
  }
}

/** Asks one root field. @returns milliseconds until the answer @throws Refused */
export type Ask = (root: string, asked: Asked, select?: string) => Promise<number>

/** Asks a whole document. @returns milliseconds until the answer @throws Refused */
export type AskWhole = (document: string, by: Asker | null) => Promise<number>

type Told = {
  data?: Record<string, Made | null> | null
  errors?: { message: string; extensions?: { code?: string } }[]
}

type Answered = { data: Told['data']; tookMs: number }

/** @throws Refused where anything of the answer is an error */
function readData(name: string, { status, text }: Answer): Told['data'] {
  if (status !== 200) throw new Refused(name, `HTTP_${status}`, text)
  const { data, errors } = JSON.parse(text) as Told
  const [error] = errors ?? []
  if (error) throw new Refused(name, error.extensions?.code ?? 'WITHOUT_CODE', error.message)
  return data
}

/** Asks one operation after another of a gateway, over as many connections as there are clients. */
export function createAsking(url: string, documents: Documents, clients: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const written = new Map<string, string>()
  const documentOf = (root: string, { variables }: Asked, select?: string) => {
    const names = Object.keys(variables)
    const key = `${root} ${names.join()} ${select ?? ''}`
    const known = written.get(key) ?? documents.write(root, names, select)
    written.set(key, known)
    return known
  }
  const send = async (name: string, by: Asker | null, said: object): Promise<Answered> => {
    const headers = by ? { authorization: `Bearer ${by.token}` } : undefined
    const body = JSON.stringify(said)
    const began = performance.now()
    const answer = await post(agent, { url, body, headers })
    const tookMs = performance.now() - began
    return { data: readData(name, answer), tookMs }
  }
  const ask: Ask = async (root, asked, select) => {
    const { by, variables, keep, before } = asked
    if (before) await ask(before.root, before)
    const said = { query: documentOf(root, asked, select), variables }
    const { data, tookMs } = await send(root, by, said)
    const made = data?.[root]
    // Whoever asks for what is there gets it.
    if (made === null || made === undefined) throw new Refused(root, 'NULL', 'nothing came of it')
    keep?.(made)
    return tookMs
  }
  const askWhole: AskWhole = async (query, by) => (await send('document', by, { query })).tookMs
  return { ask, askWhole, close: () => agent.destroy() }
}

/** As many preparing requests at a time as cost the least time. */
const AT_ONCE = 8

/** Asks one operation so often, outside any measured time. */
export async function repeat(
  ask: Ask,
  { root, maker, count }: { root: string; maker: Maker; count: number },
): Promise<void> {
  await maker.prepare?.(count)
  let begun = 0
  const worker = async () => {
    while (begun < count) {
      begun += 1
      await ask(root, maker.ask(), maker.select)
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, worker))
}
