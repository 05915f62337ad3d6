import {
  type Bet,
  type Book,
  type Figures,
  figuresBy,
  houseKey,
  marketOf,
} from './season-bets-book.ts'
import { OPERATOR } from './season-bets-people.ts'
import type { Platform } from './season-bets-platform.ts'

/** What was held against the second calculation, and where it differs. */
export type Comparison = { compared: number; differences: string[] }

type Row = Record<string, string | null>

const rowsOf = async ({ database }: Platform, sql: string): Promise<Row[]> =>
  (await database.acrossTenants().getConnection().execute(sql)) as Row[]

/** As text, because engines differ in what they make of large sums. */
const ACCOUNTS = `select cast(a.id as char(20)) as id, cast(a.guild_id as char(20)) as guild, a.owner, a.kind, a.currency,
    cast(a.balance as char(30)) as balance, cast(coalesce(s.total, 0) as char(30)) as total
  from accounts a left join (
    select account_id, sum(amount) as total from ledger_entries group by account_id
  ) s on s.account_id = a.id`
const BETS = `select cast(id as char(20)) as id, status, outcome, cast(stake as char(30)) as stake,
    cast(payout as char(30)) as payout, cast(settlements as char(10)) as settlements,
    cast(potential_payout as char(30)) as potential from bets`
const HOLDS =
  'select cast(id as char(20)) as id, status, cast(amount as char(30)) as amount from holds'
const SUMS = `select currency as name, cast(sum(amount) as char(30)) as total from ledger_entries
  group by currency having sum(amount) <> 0
  union all select 'a transfer' as name, cast(sum(amount) as char(30)) as total from ledger_entries
  group by transfer_id, currency having sum(amount) <> 0`

/** Compares what is named in both, and finds what only one side knows. */
function compareNamed(
  what: string,
  expected: ReadonlyMap<string, string>,
  stored: ReadonlyMap<string, string>,
): Comparison {
  const names = new Set([...expected.keys(), ...stored.keys()])
  const differences = [...names].flatMap((name) => {
    const [left, right] = [expected.get(name) ?? 'nothing', stored.get(name) ?? 'nothing']
    return left === right ? [] : [`${what} ${name}: ${right} stored, ${left} calculated`]
  })
  return { compared: names.size, differences }
}

const isNotZero = ([, amount]: readonly [string, string]) => amount !== '0'

function expectedBalances({ wallets, houses }: Book): Map<string, string> {
  const persons = wallets.flatMap((wallet) =>
    (['player', 'held', 'debt'] as const).map(
      (kind) => [`${houseKey(wallet)} ${wallet.userId} ${kind}`, String(wallet[kind])] as const,
    ),
  )
  const own = [...houses].flatMap(([key, house]) =>
    Object.entries(house).map(([kind, sum]) => [`${key} house ${kind}`, String(sum)] as const),
  )
  // An account that was never used has no row.
  return new Map([...persons, ...own].filter(isNotZero))
}

async function compareAccounts(platform: Platform, book: Book): Promise<Comparison[]> {
  const rows = await rowsOf(platform, ACCOUNTS)
  const nameOf = ({ guild, currency, owner, kind }: Row) => `${guild} ${currency} ${owner} ${kind}`
  const expected = expectedBalances(book)
  const totals = rows.map((row) => [nameOf(row), row.total ?? ''] as const)
  const kept = rows.filter(({ balance }) => balance !== null)
  const balances = kept.map((row) => [nameOf(row), row.balance ?? ''] as const)
  const ofPersons = new Map([...expected].filter(([name]) => !name.includes(' house ')))
  return [
    compareNamed('sum of entries', expected, new Map(totals.filter(isNotZero))),
    compareNamed('balance', ofPersons, new Map(balances.filter(isNotZero))),
  ]
}

function betText(bet: Bet, { mayPay }: Book): string {
  const { stake, verdict, isCashedOut, settlements } = bet
  const status = isCashedOut ? 'cashed_out' : verdict ? 'settled' : 'open'
  const told = [status, verdict?.outcome ?? null, stake, verdict?.payout ?? null, settlements]
  // A bet that was sold says what it might have paid when it was.
  return [...told, isCashedOut ? '' : mayPay(bet)].join(' ')
}

async function compareBets(platform: Platform, book: Book): Promise<Comparison[]> {
  const { bets, wallets } = book
  const rows = await rowsOf(platform, BETS)
  const stored = rows.map((row): [string, string] => {
    const { id, status, outcome, stake, payout, settlements, potential } = row
    const mayPay = status === 'cashed_out' ? '' : potential
    return [id ?? '', [status, outcome, stake, payout, settlements, mayPay].join(' ')]
  })
  const holds = (await rowsOf(platform, HOLDS)).map((row): [string, string] => [
    row.id ?? '',
    `${row.status} ${row.amount}`,
  ])
  const expectedHolds = wallets.flatMap(({ holds: all }) =>
    all.map(({ id, status, amount }): [string, string] => [id, `${status} ${amount}`]),
  )
  const expected = new Map(bets.map((bet) => [bet.id, betText(bet, book)]))
  return [
    compareNamed('bet', expected, new Map(stored)),
    compareNamed('hold', new Map(expectedHolds), new Map(holds)),
  ]
}

const FIGURES = `query ($where: BettingFiguresWhere, $groupBy: [BettingFigureGroup!]!) {
  bettingFigures(where: $where, groupBy: $groupBy) {
    tenant { id } guild { id } marketType day currency bets hold
    handle { amount } openStakes { amount } turnover { amount } payout { amount }
    grossWin { amount } openLiability { amount }
  }
}`

type Amount = { amount: string }
type Id = { id: string } | null
type Told = Record<
  'handle' | 'openStakes' | 'turnover' | 'payout' | 'grossWin' | 'openLiability',
  Amount
> & {
  tenant: Id
  guild: Id
  marketType: string | null
  day: string | null
  currency: string
  bets: number
  hold: number | null
}

/** The share to nine decimals, cut. */
function holdOf({ turnover, payout }: Figures): number | null {
  if (turnover === 0n) return null
  return Number(((turnover - payout) * 1_000_000_000n) / turnover) / 1e9
}

const figureText = (figures: Figures) => {
  const { bets, handle, openStakes, turnover, payout, openLiability } = figures
  const win = turnover - payout
  return [bets, handle, openStakes, turnover, payout, win, openLiability, holdOf(figures)].join(' ')
}

const toldText = (told: Told) => {
  const { bets, handle, openStakes, turnover, payout, grossWin, openLiability, hold } = told
  const amounts = [handle, openStakes, turnover, payout, grossWin, openLiability]
  return [bets, ...amounts.map(({ amount }) => amount), hold].join(' ')
}

type Grouping = { groupBy: string[]; where?: object; keyOf: (bet: Bet) => string }

const GROUPINGS: readonly Grouping[] = [
  { groupBy: [], keyOf: ({ wallet }) => wallet.currency },
  {
    groupBy: ['TENANT'],
    keyOf: ({ wallet }) => `${wallet.guild.tenantId} ${wallet.currency}`,
  },
  {
    groupBy: ['GUILD', 'MARKET'],
    keyOf: (bet) =>
      `${bet.wallet.guild.guildId} ${marketOf(bet).toUpperCase()} ${bet.wallet.currency}`,
  },
  ...['EUR', 'GBP', 'USD', 'JPY'].map((currency) => ({
    groupBy: ['DAY'],
    where: { currency: { eq: currency } },
    keyOf: (bet: Bet) => (bet.wallet.currency === currency ? `${bet.day} ${currency}` : ''),
  })),
]

async function compareFigures(platform: Platform, book: Book): Promise<Comparison[]> {
  const compare = async ({ groupBy, where, keyOf }: Grouping): Promise<Comparison> => {
    const variables = { where: where ?? null, groupBy }
    const { data, code } = await platform.ask(OPERATOR, FIGURES, variables)
    if (code !== null) return { compared: 0, differences: [`bettingFigures: ${code}`] }
    const rows = (data ?? []) as unknown as Told[]
    const nameOf = ({ tenant, guild, marketType, day, currency }: Told) =>
      [tenant?.id, guild?.id, marketType, day, currency].filter((part) => part != null).join(' ')
    const calculated = figuresBy(book, keyOf)
    calculated.delete('')
    const expected = [...calculated].map(([key, figures]) => [key, figureText(figures)] as const)
    const stored = rows.map((row) => [nameOf(row), toldText(row)] as const)
    return compareNamed(`figures by ${groupBy}`, new Map(expected), new Map(stored))
  }
  return Promise.all(GROUPINGS.map(compare))
}

const CHECK = '{ ledgerCheck { currency sum accounts broken } }'
type Checked = { currency: string; sum: string; broken: string[] }

/** The platform's own check of its books, and the sums of all entries and of every transfer. */
async function compareSums(platform: Platform): Promise<Comparison[]> {
  const { data } = await platform.ask(OPERATOR, CHECK, {})
  const checks = (data ?? []) as unknown as Checked[]
  const broken = checks.filter((check) => check.sum !== '0' || check.broken.length > 0)
  const sums = await rowsOf(platform, SUMS)
  const told = broken.map(
    ({ currency, sum, broken: ids }) => `${currency}: ${sum}, accounts ${ids}`,
  )
  return [
    { compared: checks.length, differences: told.map((text) => `ledgerCheck ${text}`) },
    {
      compared: checks.length,
      differences: sums.map(({ name, total }) => `entries of ${name} sum to ${total}`),
    },
  ]
}

const MOST_TOLD = 20

/** Holds all that is stored against the second calculation. */
export async function compareAll(platform: Platform, book: Book): Promise<Comparison> {
  const all = [
    ...(await compareAccounts(platform, book)),
    ...(await compareBets(platform, book)),
    ...(await compareFigures(platform, book)),
    ...(await compareSums(platform)),
  ]
  return {
    compared: all.reduce((sum, { compared }) => sum + compared, 0),
    differences: all.flatMap(({ differences }) => differences).slice(0, MOST_TOLD),
  }
}
