import { isDomainError } from '../errors.ts'

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.removeListener('SIGINT', stop)
      process.removeListener('SIGTERM', stop)
      resolve()
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
  })
}

/** One sentence a person at a terminal can act on, or one for each of several failures. */
function explain(failure: unknown): string {
  if (failure instanceof AggregateError) return failure.errors.map(explain).join('\n')
  if (!(failure instanceof Error)) return String(failure)
  if (!isDomainError(failure)) return failure.message
  const { code, ...details } = failure.extensions
  const facts = Object.entries(details).filter(([name]) => name !== 'problems')
  const named = facts.map(([name, value]) => `${name} ${String(value)}`).join(', ')
  const cause = failure.cause instanceof Error ? ` Cause: ${failure.cause.message}` : ''
  return `${failure.message}${named === '' ? '' : ` (${named})`}${cause}`
}

/** For what still runs when the work has ended, such as the last lines of the log. */
const LINGER_MS = 3_000

/** Nothing that was left open keeps the process: a timer that keeps none alive itself. */
function endSoon(): void {
  setTimeout(() => {
    const left = [...new Set(process.getActiveResourcesInfo())].join(', ')
    process.stderr.write(`The process is ended, though something was left open: ${left}\n`)
    process.exit(process.exitCode || 1)
  }, LINGER_MS).unref()
}

/**
 * Runs a process's main work. What it refuses is one sentence on standard error and exit code 1;
 * a bug keeps its stack. When the work has ended the process does, after three seconds in any case.
 */
async function run(work: (argv: readonly string[]) => Promise<void>): Promise<void> {
  try {
    await work(process.argv.slice(2))
  } catch (failure) {
    process.stderr.write(`${explain(failure)}\n`)
    process.exitCode = 1
  }
  endSoon()
}

export const runProcess = Object.assign(run, {
  /** Resolves at the first SIGINT or SIGTERM; a second one ends the process as usual. */
  untilStopped,
})
