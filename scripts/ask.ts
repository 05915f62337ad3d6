/** Longest wait for the answer, milliseconds. */
const TIMEOUT_MS = 4_000

/** Asks one address: exit code 0 where the answer is a success, else 1. For images, which hold no curl. */
async function ask(url: string): Promise<void> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    process.stdout.write(`${answer.status} ${await answer.text()}\n`)
    if (!answer.ok) process.exitCode = 1
  } catch (failure) {
    const { message, cause } = failure as Error
    process.stderr.write(`${message}${cause instanceof Error ? `: ${cause.message}` : ''}\n`)
    process.exitCode = 1
  }
}

await ask(process.argv[2] ?? '')
