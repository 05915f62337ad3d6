import { fileURLToPath } from 'node:url'
import type { Plugin } from 'graphql-yoga'
import type { Randomness } from '#kernel/ids.ts'
import { acceptedEncoding } from '../compression/accepted-encoding.ts'
import { plainRefusal } from '../plugins/plain-refusal.ts'
import { type ConsoleFile, type ConsoleFiles, readConsoleFiles } from './console-files.ts'
import { type ConsoleFacts, servePage } from './console-page.ts'

/** Where the console stands. */
export const CONSOLE_PATH = '/console'

export type ConsoleOptions = {
  facts: ConsoleFacts
  randomness: Randomness
  /** Where the built console lies. */
  folder?: string
}

const FOLDER = fileURLToPath(new URL('../../console/dist/', import.meta.url))
const NONCE_BYTES = 18
const READS: readonly string[] = ['GET', 'HEAD']
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }
const A_YEAR = 'public, max-age=31536000, immutable'

type Answer = { body: BodyInit | null; status?: number; headers: Record<string, string> }

/**
 * The console as static files: assets by their hashed names, for ever; its page for every other
 * path below, because the browser's part finds the screen. The root and the endpoint lead browsers here.
 */
export function useConsole(options: ConsoleOptions): Plugin {
  const { facts, folder = FOLDER } = options
  // Read at the first visit; what is missing then may have been built at the next.
  let reading: Promise<ConsoleFiles | null> | null = null
  const built = async () => {
    reading ??= readConsoleFiles(folder)
    const files = await reading.catch((failure: unknown) => {
      reading = null
      throw failure
    })
    if (!files) reading = null
    return files
  }
  return {
    async onRequest({ request, url, endResponse, fetchAPI }) {
      const { pathname } = url
      const leadsTo = wayIn(request, pathname, facts.endpoint)
      const isInside = pathname.startsWith(`${CONSOLE_PATH}/`)
      if (!leadsTo && !isInside) return
      const {
        body,
        status = 200,
        headers,
      } = leadsTo
        ? { body: null, status: 302, headers: { location: leadsTo } }
        : await answer(request, pathname.slice(CONSOLE_PATH.length + 1), {
            options,
            files: await built(),
          })
      const sent = request.method === 'HEAD' ? null : body
      endResponse(new fetchAPI.Response(sent, { status, headers }))
    },
  }
}

/** Where somebody who came by the address bar is led; null for all else. */
function wayIn(request: Request, pathname: string, endpoint: string): string | null {
  if (!READS.includes(request.method)) return null
  if (pathname === '/' || pathname === CONSOLE_PATH) return `${CONSOLE_PATH}/`
  const wantsPage = request.headers.get('accept')?.includes('text/html') ?? false
  return pathname === endpoint && wantsPage ? `${CONSOLE_PATH}/playground` : null
}

type Served = { options: ConsoleOptions; files: ConsoleFiles | null }

async function answer(request: Request, path: string, served: Served): Promise<Answer> {
  const { options, files } = served
  if (!READS.includes(request.method)) {
    const headers = { ...JSON_TYPE, allow: READS.join(', ') }
    return { body: plainRefusal('METHOD_NOT_ALLOWED'), status: 405, headers }
  }
  if (!files) return { body: plainRefusal('CONSOLE_MISSING'), status: 503, headers: JSON_TYPE }
  const file = files.files.get(path)
  if (file) return fileAnswer(request, file)
  // A name with an ending is a file: a page in its place would be taken for a script or a style.
  if (/\.[^/]*$/.test(path)) {
    return { body: plainRefusal('PATH_UNKNOWN'), status: 404, headers: JSON_TYPE }
  }
  const nonce = options.randomness.bytes(NONCE_BYTES).toString('base64')
  const { html, contentSecurityPolicy } = servePage(files.page, options.facts, nonce)
  return {
    body: html,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy,
      'cross-origin-opener-policy': 'same-origin',
    },
  }
}

function fileAnswer(request: Request, file: ConsoleFile): Answer {
  const accepted = acceptedEncoding(request.headers.get('accept-encoding'))
  const encoding = accepted && file.compressed[accepted] ? accepted : null
  return {
    body: (encoding && file.compressed[encoding]) ?? file.plain,
    headers: {
      'content-type': file.contentType,
      'cache-control': file.isImmutable ? A_YEAR : 'public, max-age=3600',
      vary: 'accept-encoding',
      ...(encoding ? { 'content-encoding': encoding } : {}),
    },
  }
}
