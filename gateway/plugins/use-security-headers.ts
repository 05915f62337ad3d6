import type { Plugin } from 'graphql-yoga'

const ALWAYS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}

const UNLESS_SET: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}

/** Of an answer that says nothing of this kind itself. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = { ...ALWAYS, ...UNLESS_SET }

/** Nothing is framed, sniffed, cached or run, unless the answer says otherwise of itself. */
export function useSecurityHeaders(): Plugin {
  return {
    onResponse({ response }) {
      for (const [name, value] of Object.entries(ALWAYS)) response.headers.set(name, value)
      for (const [name, value] of Object.entries(UNLESS_SET)) {
        if (!response.headers.has(name)) response.headers.set(name, value)
      }
    },
  }
}
