import type { Plugin } from 'graphql-yoga'
import { gatewayError } from '../errors.ts'
import { abortable } from '../transport/abortable.ts'
import { contextOf } from './asking.ts'

/** Ends a query or mutation that takes too long: REQUEST_TIMEOUT, and its fetches are let go. */
export function useRequestTimeout(timeoutMs: number): Plugin {
  return {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn(async (args) => {
        const { asking } = contextOf(args)
        const timer = setTimeout(() => asking.abort(gatewayError('REQUEST_TIMEOUT')), timeoutMs)
        try {
          return await abortable(Promise.resolve(executeFn(args)), asking.signal)
        } finally {
          clearTimeout(timer)
        }
      })
    },
  }
}
