/** Where the benchmarks have their own databases. */
export const MARIADB = process.env.TEST_MARIADB_URL ?? 'mariadb://root:@127.0.0.1:3306'

const given = (name: string): string | null => process.env[name] || null

function numberOf(name: string): number | null {
  const text = given(name)
  if (text === null) return null
  const value = Number(text)
  if (!(value > 0 && value <= 600)) throw new Error(`${name} is a number above 0, at most 600`)
  return value
}

/** Seconds of one measured run: less for a try. */
export const secondsOr = (usual: number): number => numberOf('BENCH_SECONDS') ?? usual

/** The operations that are tried alone; null for all of them. */
export const chosenOperations: readonly string[] | null = given('BENCH_ONLY')?.split(',') ?? null

/** A try is shown and stored nowhere: its figures are not those that the page promises. */
export const isTry: boolean = given('BENCH_SECONDS') !== null || given('BENCH_ONLY') !== null
