/** How many tries in how long a time. */
export type CounterBounds = {
  most: number
  /** Whole seconds, in milliseconds. */
  windowMilliseconds: number
}

/**
 * Tries by subject, known or not, so that a lock does not tell who exists. The last try that is
 * taken begins the window anew: a lock lasts as long as its window.
 */
export type Counter = {
  /** Counts one try before its outcome is known, so that parallel guesses count too. */
  take: (subject: string) => Promise<boolean>
  isFull: (subject: string) => Promise<boolean>
  /** One try was none after all. */
  giveBack: (subject: string) => Promise<void>
  /** Forgets the tries of who got in. */
  clear: (subject: string) => Promise<void>
}
