type Task = () => Promise<unknown> | undefined

const SEVERAL = 'Several parts of the process failed.'

/** One failure is thrown as it is, several in one error that lists them. */
function report(failures: readonly unknown[]): void {
  const each = failures.flatMap((one) => (one instanceof AggregateError ? one.errors : [one]))
  if (each.length === 1) throw each[0]
  if (each.length > 1) throw new AggregateError(each, SEVERAL)
}

const attempt = async (task: Task): Promise<unknown[]> => {
  try {
    await task()
    return []
  } catch (failure) {
    return [failure]
  }
}

/** Does everything at the same time; what failed is thrown when all has ended. */
export async function doTogether(tasks: readonly Task[]): Promise<void> {
  report((await Promise.all(tasks.map(attempt))).flat())
}

/** Does one thing after the other, each whatever became of those before; then throws what failed. */
export async function doInOrder(tasks: readonly Task[]): Promise<void> {
  const failures: unknown[] = []
  for (const task of tasks) failures.push(...(await attempt(task)))
  report(failures)
}
