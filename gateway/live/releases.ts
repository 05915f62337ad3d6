/** What is given back when something ends. */
export type Releases = {
  /** Is called at the end; at once where that has come already. */
  add: (release: () => void) => void
  release: () => void
}

/** Gives everything back once, in the order in which it was taken. */
export function createReleases(): Releases {
  let held: (() => void)[] | null = []
  return {
    add(release) {
      if (held) held.push(release)
      else release()
    },
    release() {
      const releases = held ?? []
      held = null
      for (const release of releases) release()
    },
  }
}
