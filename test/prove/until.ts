const LOOK_MS = 50
const LONGEST_MS = 900_000

/** Lets time pass. */
export const pause = (milliseconds: number): Promise<void> =>
  new Promise((done) => setTimeout(done, milliseconds))

/** Looks until it is so. @throws when it is not within a quarter of an hour, or what was given */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  withinMs: number = LONGEST_MS,
): Promise<void> {
  const began = performance.now()
  while (!(await isSo())) {
    if (performance.now() - began > withinMs) throw new Error(`it never came about: ${what}`)
    await pause(LOOK_MS)
  }
}
