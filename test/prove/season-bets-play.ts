import type { FeedDraft } from '#subgraphs/analytics/services/feeds/feed.ts'
import { createSeasonFileSource } from '#subgraphs/analytics/services/feeds/season-file.ts'
import { ACTS } from './season-bets-acts.ts'
import type { Asked, Data, Table } from './season-bets-asked.ts'
import { createBook, type Guild, type Wallet } from './season-bets-book.ts'
import { compareAll } from './season-bets-compare.ts'
import { createOperator, type Decisions } from './season-bets-operator.ts'
import { makeGuilds, playerOf, registerGuilds, walletsToOpen } from './season-bets-people.ts'
import { type Answered, openBetting, type Platform } from './season-bets-platform.ts'
import { createPlayers } from './season-bets-players.ts'
import { readStory, type Story, toDraft } from './season-bets-story.ts'
import { createWorld } from './season-bets-world.ts'
import { createChance } from './season-chance.ts'
import { readSeasonFile, SEASON_FILE } from './season-file.ts'

export type Plan = {
  databaseUrl: string
  seed: number
  /** Operations in all. */
  operations: number
  /** Matches of the season; all if absent. */
  matches?: number
  /** How often everything is compared on the way. */
  checkpoints: number
  /** Accounts used at the same time. */
  atOnce: number
  /** Told at every checkpoint how far the season is. */
  say?: (line: string) => void
}

export type Told = {
  operations: number
  /** Answers by what was asked and how it ended. */
  answers: Map<string, number>
  compared: number
  differences: string[]
  decisions: Decisions
}

/** What the feed tells: the product's own reading of the file, and what was made up, by time. */
async function draftsOf({ matches, happenings, putOff }: Story): Promise<FeedDraft[]> {
  const names = new Map(matches.map(({ externalId }, place) => [externalId, place]))
  const source = createSeasonFileSource({
    path: SEASON_FILE,
    leagues: ['E0'],
    seasons: ['2023-24'],
  })
  const drafts: FeedDraft[] = []
  for await (const event of source.events({ signal: new AbortController().signal })) {
    const { position: _position, ...draft } = event
    if (draft.kind === 'rejected') throw new Error('the season has a broken row')
    const place = names.get(draft.fixture.externalId)
    if (place === undefined || (draft.kind === 'result' && putOff.has(place))) continue
    drafts.push(draft)
  }
  for (const happening of happenings.filter(({ isMadeUp }) => isMadeUp)) {
    const match = matches[happening.match]
    if (match) drafts.push(toDraft(happening, match))
  }
  const timeOf = ({ at }: FeedDraft) => at?.getTime() ?? 0
  return drafts.toSorted((left, right) => timeOf(left) - timeOf(right))
}

const MINUTE = 60_000

/**
 * The instants at which the clock stands still: whenever something is told, after each kick-off, and sometimes when the
 * feed has been silent for too long.
 */
function momentsOf({ happenings, matches }: Story): number[] {
  const told = happenings.map(({ at }) => at)
  const begun = matches.map(({ kickOff }) => kickOff + MINUTE)
  const silent = matches
    .filter((_match, place) => place % 9 === 0)
    .map(({ kickOff }) => kickOff + 133 * MINUTE)
  return [...new Set([...told, ...begun, ...silent])].sort((left, right) => left - right)
}

/** Whether an answer holds what is expected of it. */
function isWithin(expected: unknown, told: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return expected === told
  if (Array.isArray(expected) && (!Array.isArray(told) || told.length !== expected.length))
    return false
  const entries = Object.entries(expected)
  return entries.every(([name, value]) => isWithin(value, (told as Data | null)?.[name]))
}

async function openWallets(table: Table, guilds: readonly Guild[]): Promise<void> {
  for (const { guild, userId, currency } of walletsToOpen(guilds)) {
    const asker = playerOf(guild, userId)
    const input = { guildId: guild.guildId, currency }
    const { data, code } = await table.platform.ask(asker, ACTS.openAccount, { input })
    if (code !== null) throw new Error(`no account: ${code}`)
    table.book.openWallet({ guild, userId, currency, accountId: String(data?.id) })
  }
}

/** As many different ones of them. */
function some({ chance }: Table, wallets: readonly Wallet[], count: number): Wallet[] {
  const rest = [...wallets]
  const chosen: Wallet[] = []
  while (chosen.length < count && rest.length > 0) {
    chosen.push(...rest.splice(chance.between(0, rest.length), 1))
  }
  return chosen
}

export type Season = Awaited<ReturnType<typeof openSeason>>

/** A platform and everything that plays in it. */
export async function openSeason(plan: Plan) {
  const chance = createChance(plan.seed)
  const story = readStory(await readSeasonFile(plan.matches), chance)
  const moments = momentsOf(story)
  const { databaseUrl } = plan
  const { matches } = story
  const drafts = await draftsOf(story)
  const startsAt = (moments[0] ?? 0) - MINUTE
  const platform = await openBetting({ databaseUrl, startsAt, matches, drafts })
  const world = createWorld(story)
  let keys = 0
  const table: Table = {
    ...{ world, chance, platform, book: createBook(world) },
    newKey: () => {
      keys += 1
      return `season-${keys}`
    },
  }
  return { plan, table, moments, [Symbol.asyncDispose]: () => platform[Symbol.asyncDispose]() }
}

type Watch = { told: Told; report: (difference: string) => void }

function check(asked: Asked, answers: readonly Answered[], { told, report }: Watch): void {
  const { act, code, details = {}, answer = {} } = asked
  const name = `${act} ${code ?? 'done'}`
  told.answers.set(name, (told.answers.get(name) ?? 0) + answers.length)
  told.operations += answers.length
  for (const answered of answers) {
    const isAsExpected =
      answered.code === code &&
      isWithin(code ? details : answer, code ? answered.details : answered.data)
    if (isAsExpected) continue
    const { code: came, details: said, data } = answered
    const text = JSON.stringify({ asked: asked.input, due: code ? details : answer, said, data })
    report(`operation ${told.operations}, ${name}: ${came ?? 'done'} ${text}`)
  }
  if (new Set(answers.map(({ data }) => data?.id)).size > 1) report(`${name}: twins differ`)
}

async function playRound(
  { table, plan }: Season,
  players: ReturnType<typeof createPlayers>,
  watch: Watch,
): Promise<void> {
  const { platform, book } = table
  const round = some(table, book.wallets, plan.atOnce).map(players.next)
  const answers = await Promise.all(
    round.map(({ asker, act, input, isTwin }) =>
      Promise.all((isTwin ? [1, 2] : [1]).map(() => platform.ask(asker, ACTS[act], { input }))),
    ),
  )
  for (const [index, asked] of round.entries()) {
    const answered = answers[index] ?? []
    check(asked, answered, watch)
    const [first] = answered
    if (asked.code !== null || !first?.data) continue
    asked.apply?.(first.data)
    players.remember(asked, String(first.data.id))
  }
}

const MOST_DIFFERENCES = 10

/** Plays the season from its first price to its last result. */
export async function playSeason(season: Season): Promise<Told> {
  const { plan, table, moments } = season
  const { platform, world, book, chance } = table
  const guilds = makeGuilds()
  const differences: string[] = []
  const report = (text: string) => {
    differences.push(text)
    plan.say?.(text)
  }
  const operator = createOperator(table, guilds, report)
  const told: Told = {
    ...{ operations: 0, answers: new Map(), compared: 0, differences },
    decisions: operator.done,
  }
  await registerGuilds(platform, guilds)
  await openWallets(table, guilds)
  const players = createPlayers(table)
  const settle = async () => {
    await platform.settle()
    book.settle()
  }
  const compare = async () => {
    const { compared, differences: found } = await compareAll(platform, book)
    told.compared += compared
    for (const difference of found) report(difference)
    plan.say?.(`${told.operations} operations, ${compared} values, ${found.length} differences`)
  }
  const playUntil = async (due: number) => {
    while (told.operations < due) await playRound(season, players, { told, report })
  }
  for (const [index, moment] of moments.entries()) {
    if (differences.length > MOST_DIFFERENCES) break
    await platform.goTo(moment)
    world.goTo(moment)
    told.operations += await operator.work()
    const due = Math.round((plan.operations * (index + 1)) / moments.length)
    // Now and then people go on while bets wait to be settled.
    if (chance.between(0, 3) === 0) await playUntil((told.operations + due) / 2)
    await settle()
    await playUntil(due)
    const every = Math.ceil(moments.length / plan.checkpoints)
    if (index % every === every - 1) await compare()
  }
  await settle()
  await compare()
  return told
}

/** Looks what a comparison finds. */
export const look = ({ table }: Season): Promise<{ differences: string[] }> =>
  compareAll(table.platform, table.book)

export type { Platform }
