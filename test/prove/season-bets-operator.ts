import { ACTS, type ActName } from './season-bets-acts.ts'
import { CARD, type Data, isOneIn, oneOf, type Table } from './season-bets-asked.ts'
import type { Guild } from './season-bets-book.ts'
import { adminOf, limitChoices, OPERATOR, pretenderOf } from './season-bets-people.ts'
import type { Asker } from './season-bets-platform.ts'
import type { Goals } from './season-bets-rules.ts'
import { type Happening, toDraft } from './season-bets-story.ts'
import type { Match } from './season-bets-world.ts'

export type Decisions = {
  corrections: number
  abandoned: number
  reopened: number
  limits: number
  refused: number
}

/** A difference between what came and what had to come. */
export type Report = (difference: string) => void

const DAY = 24 * 3_600_000
const TWO_HOURS = 2 * 3_600_000

const isGoals = (result: Match['result']): result is Goals => Array.isArray(result)

const sumOf = (done: Decisions) => Object.values(done).reduce((sum, times) => sum + times, 0)

/** Asks what must be refused. */
function createMisbehaviour({ world, platform }: Table, guild: Guild, report: Report) {
  const refuse = async (act: ActName, code: string, { asker = OPERATOR, input }: Refused) => {
    const answered = await platform.ask(asker, ACTS[act], { input })
    if (answered.code !== code) report(`${act}: ${answered.code} where ${code} was due`)
  }
  return async (match: Match): Promise<number> => {
    const input = { fixtureId: platform.fixtureId(match.place), reason: 'for a friend' }
    const score = { ...input, home: 1, away: 0 }
    const startsAt = new Date(world.now() + DAY).toISOString()
    const past = new Date(world.now() - DAY).toISOString()
    await refuse('correctResult', 'RESULT_INVALID', { input: { ...score, home: -1 } })
    const pretender = { asker: pretenderOf(guild), input: score }
    await refuse('correctResult', 'RESULTS_PLATFORM_ONLY', pretender)
    await refuse('abandonFixture', 'CARD_NUMBER_REFUSED', { input: { ...input, reason: CARD } })
    await refuse('correctResult', 'FIXTURE_NOT_FOUND', { input: { ...score, fixtureId: '999999' } })
    const isDue = match.startsAt <= world.now()
    if (!isDue) await refuse('correctResult', 'FIXTURE_NOT_STARTED', { input: score })
    const kickOff = match.result === null ? startsAt : past
    const code = match.result === null ? 'FIXTURE_WITHOUT_RESULT' : 'KICK_OFF_INVALID'
    await refuse('reopenFixture', code, { input: { ...input, startsAt: kickOff } })
    return isDue ? 5 : 6
  }
}

type Refused = { asker?: Asker; input: Data }

/** Has the platform decide, and the second calculation too. */
function createDecisions({ world, chance, platform }: Table, report: Report) {
  const ask = async (act: ActName, match: Match, rest: Data) => {
    const input = { fixtureId: platform.fixtureId(match.place), reason: 'looked at again', ...rest }
    const { code, data } = await platform.ask(OPERATOR, ACTS[act], { input })
    if (code !== null) report(`${act} of ${match.externalId}: ${code}`)
    return data?.status
  }
  /** The prices of before, told again; some of them have moved. */
  const pricesOf = (match: Match): Happening[] =>
    world.answersOf(match.place).flatMap((answer) =>
      world.sourcesOf(answer).map((source): Happening => {
        const odds = world.priceOf(answer, source)?.odds ?? 2_000
        const told = isOneIn(chance, 2) ? odds : odds + 10
        return { kind: 'quoted', at: world.now(), match: match.place, answer, source, odds: told }
      }),
    )
  return {
    decide: async (match: Match, result: Goals | 'abandoned'): Promise<boolean> => {
      const [home, away] = isGoals(result) ? result : [0, 0]
      const act = isGoals(result) ? 'correctResult' : 'abandonFixture'
      const status = await ask(act, match, isGoals(result) ? { home, away } : {})
      const due = isGoals(result) ? 'FINISHED' : 'ABANDONED'
      if (status !== due) report(`${act} of ${match.externalId}: ${status}`)
      return world.decide(match, result)
    },
    reopen: async (match: Match): Promise<void> => {
      const told = pricesOf(match)
      const startsAt = world.now() + DAY
      const status = await ask('reopenFixture', match, {
        startsAt: new Date(startsAt).toISOString(),
      })
      if (status !== 'SCHEDULED') report(`reopenFixture of ${match.externalId}: ${status}`)
      world.reopen(match, startsAt)
      await platform.tell(told.map((one) => toDraft(one, match)))
      world.hear(told)
    },
  }
}

/** The platform's people: they correct results, back and forth, abandon games, take results back and set limits. */
export function createOperator(table: Table, guilds: readonly Guild[], report: Report) {
  const { world, chance, platform } = table
  const done: Decisions = { corrections: 0, abandoned: 0, reopened: 0, limits: 0, refused: 0 }
  const { decide, reopen } = createDecisions(table, report)
  const misbehave = createMisbehaviour(table, guilds[0] as Guild, report)
  /** What matches ended with before they were corrected. */
  const before = new Map<Match, Goals>()
  const correct = async (match: Match) => {
    const old = before.get(match)
    const goals: Goals = [chance.between(0, 5), chance.between(0, 5)]
    if (isGoals(match.result)) before.set(match, match.result)
    const isBack = old !== undefined && isOneIn(chance, 2)
    const isSame = isGoals(match.result) && isOneIn(chance, 8)
    const next = isSame ? (match.result as Goals) : isBack ? old : goals
    if (await decide(match, next)) done.corrections += 1
  }
  const abandon = async (match: Match) => {
    if (isGoals(match.result)) before.set(match, match.result)
    if (await decide(match, 'abandoned')) done.abandoned += 1
  }
  const setLimits = async () => {
    const guild = oneOf(chance, guilds) as Guild
    const limits = oneOf(chance, limitChoices)
    const currency = oneOf(chance, ['EUR', 'GBP', 'USD', 'JPY'])
    if (!limits || currency === null) return
    const { fee: cashOutFeeBasisPoints, maxLegs, ...amounts } = limits
    const texts = Object.entries(amounts).map(([name, amount]) => [name, String(amount)])
    const counts = { guildId: guild.guildId, currency, maxLegs, cashOutFeeBasisPoints }
    const input = { ...counts, ...Object.fromEntries(texts) }
    const { code } = await platform.ask(adminOf(guild), ACTS.setBettingLimit, { input })
    if (code !== null) report(`setBettingLimit: ${code}`)
    guild.limits.set(currency, limits)
    done.limits += 1
  }
  const decideResults = async () => {
    const all = world.matches()
    const hasBegun = ({ startsAt }: Match) => startsAt < world.now() - TWO_HOURS
    const begun = all.filter(hasBegun)
    const played = oneOf(chance, begun.filter(({ result }) => isGoals(result)).slice(-30))
    if (played && isOneIn(chance, 4)) await correct(played)
    if (played && isOneIn(chance, 25)) {
      await reopen(played)
      done.reopened += 1
    }
    const late = oneOf(
      chance,
      begun.filter((match) => match.result === null && hasBegun(match)),
    )
    if (late && isOneIn(chance, 3)) await correct(late)
    const ended = oneOf(
      chance,
      begun.filter(({ result }) => result === 'abandoned'),
    )
    if (ended && isOneIn(chance, 60)) await correct(ended)
    const any = oneOf(chance, all.slice(-30))
    if (any && isOneIn(chance, 25)) await abandon(any)
    if (any && isOneIn(chance, 30)) done.refused += await misbehave(any)
  }
  return {
    done,
    /** What they do at one moment, if anything; how many operations that were. */
    work: async (): Promise<number> => {
      const first = sumOf(done)
      await decideResults()
      if (isOneIn(chance, 40)) await setLimits()
      return sumOf(done) - first
    },
  }
}
