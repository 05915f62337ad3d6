/** Things that some operations make, and others use or use up. */
export type Stock<Thing> = {
  put: (thing: Thing) => void
  putAll: (things: readonly Thing[]) => void
  /** For good. @throws when there are none left */
  take: () => Thing
  /** One after the other, again and again. @throws when there are none */
  next: () => Thing
  /** Makes as many more as are missing, outside the measured time. */
  fill: (count: number) => Promise<void>
  all: readonly Thing[]
}

/** An empty stock; `make` makes and puts so many. */
export function createStock<Thing>(
  name: string,
  make: (missing: number) => Promise<void>,
): Stock<Thing> {
  const things: Thing[] = []
  let place = 0
  const present = (thing: Thing | undefined): Thing => {
    if (thing === undefined) throw new Error(`there are no ${name} left`)
    return thing
  }
  return {
    put: (thing) => void things.push(thing),
    putAll: (more) => void things.push(...more),
    take: () => present(things.shift()),
    next: () => {
      place = (place + 1) % Math.max(1, things.length)
      return present(things[place])
    },
    fill: async (count) => {
      if (things.length < count) await make(count - things.length)
      if (things.length < count) throw new Error(`of ${count} ${name} there are ${things.length}`)
    },
    all: things,
  }
}
