import { useSyncExternalStore } from 'react'

/** A value that is heard about when it changes. */
export type Store<Value> = {
  get: () => Value
  set: (value: Value) => void
  /** @returns how to stop hearing */
  listen: (listener: () => void) => () => void
}

export function createStore<Value>(initial: Value): Store<Value> {
  let current = initial
  const listeners = new Set<() => void>()
  return {
    get: () => current,
    set(value) {
      if (Object.is(value, current)) return
      current = value
      for (const listener of [...listeners]) listener()
    },
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** The value of a store, for a component that shows it. */
export const useStore = <Value>({ listen, get }: Pick<Store<Value>, 'listen' | 'get'>): Value =>
  useSyncExternalStore(listen, get)
