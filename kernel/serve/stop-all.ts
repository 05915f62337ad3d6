type Stop = () => Promise<unknown> | undefined

const ALL = 'Several parts of the process did not stop as they should.'

/** One failure is thrown as it is, several in one error that lists them. */
function report(failures: readonly unknown[]): void {
  const each = failures.flatMap((one) => (one instanceof AggregateError ? one.errors : [one]))
  if (each.length === 1) throw each[0]
  if (each.length > 1) throw new AggregateError(each, ALL)
}

const attempt = async (stop: Stop): Promise<unknown[]> => {
  try {
    await stop()
    return []
  } catch (failure) {
    return [failure]
  }
}

/** Stops parts at the same time; what fails is thrown when all have ended. */
export async function stopTogether(stops: readonly Stop[]): Promise<void> {
  report((await Promise.all(stops.map(attempt))).flat())
}

/** Stops one part after the other, each whatever became of those before; then throws what failed. */
export async function stopInOrder(stops: readonly Stop[]): Promise<void> {
  const failures: unknown[] = []
  for (const stop of stops) failures.push(...(await attempt(stop)))
  report(failures)
}
