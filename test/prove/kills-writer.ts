import type { Board, createBoards } from './kills-board.ts'
import { type Caller, type CallerOptions, createCaller } from './kills-caller.ts'
import type { Deed, DeedKind } from './kills-journal.ts'
import type { Player } from './kills-people.ts'
import type { Chance } from './season-chance.ts'

/** One writer and what it was told. */
export type Writer = {
  player: Player
  caller: Caller
  deeds: readonly Deed[]
  /** Works until told to stop; ends after the answer to its last deed. */
  work: (isOver: () => boolean) => Promise<void>
}

type Asked = Pick<Deed, 'kind' | 'query' | 'variables'>

const DEPOSIT = 'mutation Deposit($input: DepositInput!) { deposit(input: $input) { id } }'
const PLACE = 'mutation PlaceBet($input: PlaceBetInput!) { placeBet(input: $input) { id } }'
const CASH_OUT = 'mutation CashOut($input: CashOutBetInput!) { cashOutBet(input: $input) { id } }'
const CORRECT =
  'mutation Correct($input: CorrectResultInput!) { correctResult(input: $input) { id } }'
const ABANDON =
  'mutation Abandon($input: AbandonFixtureInput!) { abandonFixture(input: $input) { id } }'

const POLICIES = ['EXACT', 'BETTER', 'ANY'] as const
/** One deed in so many is a result, for who decides those. */
const RESULTS_IN = 3

export type WriterDeps = {
  url: string
  player: Player
  all: readonly Player[]
  chance: Chance
  boards: ReturnType<typeof createBoards>
  /** Fixtures that somebody bet on; all writers add to it. */
  staked: Set<string>
  /** Whether it decides results too. */
  isOperator: boolean
  /** How it asks. */
  asking?: CallerOptions | undefined
  /** Between two deeds; by default none. */
  rest?: (() => Promise<void>) | undefined
}

/** Chooses what to do next. */
function createWishes({ player, all, chance, staked, isOperator }: WriterDeps) {
  const one = <Item>(items: readonly Item[]): Item => {
    const item = items[chance.between(0, items.length)]
    if (item === undefined) throw new Error('nothing to choose from')
    return item
  }
  const deposit = (key: string): Asked => {
    // Now and then for somebody else, so that two writers meet at one balance.
    const whose = chance.between(0, 4) === 0 ? one(all) : player
    const { accountId, currency } = one(whose.purses)
    const money = { amount: String(chance.between(500, 20_000)), currency }
    return {
      kind: 'deposit',
      query: DEPOSIT,
      variables: { input: { accountId, money, idempotencyKey: key } },
    }
  }
  const fixturesFrom = ({ open }: Board): Board['open'] => {
    const count = chance.between(0, 3) === 0 ? chance.between(2, 5) : 1
    const drawn = Array.from({ length: count }, () => one(open))
    return [...new Map(drawn.map((fixture) => [fixture.fixtureId, fixture])).values()]
  }
  const bet = (key: string, board: Board): Asked => {
    const { accountId, currency } = one(player.purses)
    // Now and then at a price that never stood.
    const off = chance.between(0, 12) === 0 ? 10 : 0
    const fixtures = fixturesFrom(board)
    for (const { fixtureId } of fixtures) staked.add(fixtureId)
    const legs = fixtures.map(({ offers }) => one(offers))
    const input = {
      accountId,
      stake: { amount: String(chance.between(100, 4_000)), currency },
      legs: legs.map((leg) => ({ ...leg, odds: leg.odds + off })),
      priceChange: one(POLICIES),
      idempotencyKey: key,
    }
    return { kind: 'bet', query: PLACE, variables: { input } }
  }
  const cashOut = (key: string, betId: string): Asked => {
    const input = { betId, amount: '1', idempotencyKey: key }
    return { kind: 'cashOut', query: CASH_OUT, variables: { input } }
  }
  const result = ({ begun, open }: Board): Asked => {
    const coming = open.map(({ fixtureId }) => fixtureId)
    // A game that has not begun can only be abandoned.
    const isEarly = begun.length === 0 || (coming.length > 0 && chance.between(0, 12) === 0)
    // Mostly of what was bet on: some of it more than once, which corrects bets.
    const known = begun.filter((fixtureId) => staked.has(fixtureId))
    const ended = known.length > 0 && chance.between(0, 5) > 0 ? known : begun
    const fixtureId = one(isEarly ? coming : ended)
    const decided = { fixtureId, reason: 'As the proof has it.' }
    if (isEarly || chance.between(0, 5) === 0) {
      return { kind: 'result', query: ABANDON, variables: { input: decided } }
    }
    const input = { ...decided, home: chance.between(0, 5), away: chance.between(0, 5) }
    return { kind: 'result', query: CORRECT, variables: { input } }
  }
  return {
    next: (key: string, board: Board, bets: readonly string[]): Asked => {
      const fixtures = board.begun.length + board.open.length
      if (isOperator && fixtures > 0 && chance.between(0, RESULTS_IN) === 0) {
        return result(board)
      }
      const drawn = chance.between(0, 10)
      // Whoever has nothing yet cannot bet.
      if (drawn < 3 || (bets.length === 0 && chance.between(0, 2) === 0) || board.open.length === 0)
        return deposit(key)
      return drawn === 3 && bets.length > 0 ? cashOut(key, one(bets)) : bet(key, board)
    },
  }
}

/** @returns the id of the changed thing, or why there is none */
async function ask(caller: Caller, { query, variables }: Pick<Deed, 'query' | 'variables'>) {
  const { data, codes } = await caller.ask(query, variables)
  const [answer] = Object.values(data ?? {}) as ({ id: string } | null | undefined)[]
  const [code = null] = codes
  return { id: answer?.id ?? null, code: code ?? (answer ? null : 'NOTHING') }
}

/** Asks the same once more, under the same key. */
export const repeat = ({ caller }: Writer, deed: Deed) => ask(caller, deed)

const OF_OWN_KEY: ReadonlySet<DeedKind> = new Set(['deposit', 'bet', 'cashOut'])

/** Whether a deed has a key under which it may be repeated. */
export const hasKey = ({ kind }: Deed) => OF_OWN_KEY.has(kind)

/** A writer with a connection of its own. */
export function createWriter(deps: WriterDeps): Writer {
  const { url, player, rest = async () => {} } = deps
  const caller = createCaller(url, player.account, deps.asking)
  const wishes = createWishes(deps)
  const deeds: Deed[] = []
  const standing: string[] = []
  const doOne = async (board: Board) => {
    const key = `deed-${player.userId}-${deeds.length}`
    const asked = wishes.next(key, board, standing)
    const answer = await ask(caller, asked)
    deeds.push({ ...asked, userId: player.userId, key, ...answer })
    if (asked.kind === 'bet' && answer.id !== null) standing.push(answer.id)
    if (standing.length > 6) standing.shift()
  }
  return {
    player,
    caller,
    deeds,
    work: async (isOver) => {
      while (!isOver()) {
        await doOne(await deps.boards(caller))
        await rest()
      }
    },
  }
}
