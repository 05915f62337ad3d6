import type { Goals } from './season-bets-rules.ts'
import type { Answer, Happening, Story, StoryMatch } from './season-bets-story.ts'

/** A match as it stands. */
export type Match = StoryMatch & {
  place: number
  isTold: boolean
  startsAt: number
  result: Goals | 'abandoned' | null
  /** Grows with every change of the result: bets settled by an older one wait. */
  version: number
  /** The platform decided it: the feed changes it no more. */
  isDecided: boolean
  /** Since when bets wait for the newest version. */
  changedAt: number
}

/** How long a feed may be silent before nobody stands for its prices. */
const LONGEST_SILENCE = 15 * 60_000

export const nameOf = ({ match, market, line, pick }: Answer) =>
  [match, market, line, pick].join(' ')

const AGGREGATES = ['market-average', 'market-maximum']

export type World = ReturnType<typeof createWorld>

/** What is known of the season at the moment, worked out from the story alone. */
export function createWorld({ matches: told, happenings }: Story) {
  const matches: Match[] = told.map((match, place) => ({
    ...match,
    ...{ place, isTold: false, startsAt: match.kickOff, version: 0, isDecided: false },
    changedAt: 0,
    result: null,
  }))
  const answers = new Map<string, { answer: Answer; prices: Map<string, number> }>()
  const answersOf = new Map<number, Answer[]>()
  const unsettled = new Set<number>()
  let now = 0
  let heardAt = 0
  let next = 0
  const at = (place: number): Match => {
    const match = matches[place]
    if (!match) throw new Error(`there is no match ${place}`)
    return match
  }
  const decide = (match: Match, result: Match['result']) => {
    match.result = result
    match.version += 1
    match.changedAt = now
    unsettled.add(match.place)
  }
  const quote = (answer: Answer, source: string, odds: number) => {
    const name = nameOf(answer)
    const known = answers.get(name) ?? { answer, prices: new Map<string, number>() }
    if (!answers.has(name)) {
      answers.set(name, known)
      answersOf.set(answer.match, [...(answersOf.get(answer.match) ?? []), answer])
    }
    known.prices.set(source, odds)
  }
  /** A game that has a result is moved by no feed. */
  const move = (match: Match, startsAt: number) => {
    if (match.result === null) match.startsAt = startsAt
  }
  const isSame = (match: Match, [home, away]: Goals) =>
    Array.isArray(match.result) && match.result[0] === home && match.result[1] === away
  const hear = (match: Match, goals: Goals) => {
    if (!match.isDecided && !isSame(match, goals)) decide(match, goals)
  }
  const apply = (happening: Happening) => {
    const match = at(happening.match)
    if (happening.kind === 'quoted') quote(happening.answer, happening.source, happening.odds)
    else if (happening.kind === 'ended') hear(match, happening.goals)
    else if (happening.kind === 'moved') move(match, happening.startsAt)
    else match.isTold = true
  }
  return {
    at,
    now: () => now,
    matches: () => matches.filter(({ isTold }) => isTold),
    /** Somebody stands for the prices. */
    isHeard: () => now - heardAt <= LONGEST_SILENCE,
    /** Bets on it are taken. */
    isOpen: (match: Match) => match.isTold && match.result === null && match.startsAt > now,
    answersOf: (place: number) => answersOf.get(place) ?? [],
    sourcesOf: (answer: Answer) => [...(answers.get(nameOf(answer))?.prices.keys() ?? [])],
    /** The price of a source; without one the best of those who take bets, else the average. */
    priceOf: (answer: Answer, source: string | null) => {
      const prices = answers.get(nameOf(answer))?.prices ?? new Map<string, number>()
      const of = (name: string) => {
        const odds = prices.get(name)
        return odds === undefined ? null : { source: name, odds }
      }
      if (source !== null) return of(source)
      const own = [...prices].filter(([name]) => !AGGREGATES.includes(name))
      const best = own.toSorted(([, left], [, right]) => right - left)[0]
      return best ? of(best[0]) : of('market-average')
    },
    hasBegun: (match: Match) => match.startsAt <= now,
    /** The platform decides a result; false when it stands so already. */
    decide: (match: Match, result: Goals | 'abandoned'): boolean => {
      const stands = result === 'abandoned' ? match.result === result : isSame(match, result)
      if (stands) return false
      match.isDecided = true
      decide(match, result)
      return true
    },
    /** The platform takes a result back: the feed has its say again, and has to tell its prices anew. */
    reopen: (match: Match, startsAt: number): void => {
      match.isDecided = false
      match.startsAt = startsAt
      decide(match, null)
      for (const answer of answersOf.get(match.place) ?? []) {
        answers.get(nameOf(answer))?.prices.clear()
      }
    },
    /** Goes on to an instant and hears what happened until then. */
    goTo: (instant: number): void => {
      now = instant
      for (let one = happenings[next]; one && one.at <= instant; one = happenings[next]) {
        next += 1
        heardAt = now
        apply(one)
      }
    },
    /** Hears what no story held. */
    hear: (told: readonly Happening[]): void => {
      heardAt = now
      for (const one of told) apply(one)
    },
    /** The matches whose result changed since the last call, in the order in which bets on them are settled. */
    takeUnsettled: (): number[] => {
      const changed = [...unsettled].map(at)
      unsettled.clear()
      const inOrder = changed.toSorted(
        (left, right) =>
          left.changedAt - right.changedAt ||
          left.kickOff - right.kickOff ||
          left.place - right.place,
      )
      return inOrder.map(({ place }) => place)
    },
  }
}
