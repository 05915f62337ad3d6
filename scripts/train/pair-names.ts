/** A match that two sources tell of, with their own names of its teams. */
export type ToldMatch = {
  readonly competition: string
  readonly season: string
  /** YYYY-MM-DD. */
  readonly day: string
  readonly home: string
  readonly away: string
  readonly homeGoals: number
  readonly awayGoals: number
}

const FEWEST_VOTES = 5

/**
 * Which team of `theirs` each team of `ours` is, by its matches rather than by its spelling: every match of the same
 * league, day and score is a vote, on either ground, and the name with the most votes (5 or more) wins. Names carry
 * their league: `E0/Man United`.
 */
export function pairNames(
  ours: readonly ToldMatch[],
  theirs: readonly ToldMatch[],
): ReadonlyMap<string, string> {
  const byScore = Map.groupBy(ours, scoreOf)
  const votes = new Map<string, Map<string, number>>()
  for (const their of theirs) {
    for (const our of byScore.get(scoreOf(their)) ?? []) {
      vote(votes, nameIn(their, their.home), our.home)
      vote(votes, nameIn(their, their.away), our.away)
    }
  }
  const winners = [...votes].map(([name, counts]) => [name, mostOf(counts)] as const)
  return new Map(winners.flatMap(([name, winner]) => (winner === null ? [] : [[name, winner]])))
}

/** A team's name with its league before it. */
export const nameIn = ({ competition }: Pick<ToldMatch, 'competition'>, name: string) =>
  `${competition}/${name}`

const scoreOf = ({ competition, day, homeGoals, awayGoals }: ToldMatch) =>
  [competition, day, homeGoals, awayGoals].join('/')

function vote(votes: Map<string, Map<string, number>>, name: string, candidate: string): void {
  const counts = votes.get(name) ?? new Map<string, number>()
  counts.set(candidate, (counts.get(candidate) ?? 0) + 1)
  votes.set(name, counts)
}

function mostOf(counts: ReadonlyMap<string, number>): string | null {
  const [first] = [...counts].sort(([, left], [, right]) => right - left)
  return first && first[1] >= FEWEST_VOTES ? first[0] : null
}
