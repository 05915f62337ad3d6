import { availableParallelism, loadavg } from 'node:os'
import { type Bet, marketOf } from './season-bets-book.ts'
import type { Season, Told } from './season-bets-play.ts'

/** One season as its page shows it; lists of differences are those that the controls found. */
export type Chapter = {
  engine: string
  season: Season
  told: Told
  seconds: number
  controls: { calculation: readonly string[]; balance: readonly string[]; entry: readonly string[] }
}

const count = <Item>(items: readonly Item[], is: (item: Item) => boolean) => items.filter(is).length

const outcomeIs = (outcome: string) => (bet: Bet) => bet.verdict?.outcome === outcome

function facts({ season, told, seconds, controls }: Chapter): [string, string | number][] {
  const { plan, table, moments } = season
  const { bets, wallets, turns } = table.book
  const { corrections, abandoned, reopened, limits } = told.decisions
  const half = count(bets, (bet) =>
    ['half_won', 'half_lost', 'mixed'].includes(bet.verdict?.outcome ?? ''),
  )
  return [
    ['seed', plan.seed],
    ['operations', told.operations],
    ['… of these refused, each with the code that was due', refusedOf(told)],
    ['accounts of persons', wallets.length],
    ['instants at which the clock stood', moments.length],
    ['bets placed', bets.length],
    ['… multiples', count(bets, (bet) => marketOf(bet) === 'multiple')],
    ['… cashed out', count(bets, ({ isCashedOut }) => isCashedOut)],
    ['… won / lost', `${count(bets, outcomeIs('won'))} / ${count(bets, outcomeIs('lost'))}`],
    ['… given back', count(bets, outcomeIs('void'))],
    ['… with half outcomes or a leg given back', half],
    ['… open at the end', count(bets, ({ verdict }) => verdict === null)],
    ['settled, as results came', turns.settled],
    ['settled again after a correction', turns.corrected],
    ['opened again because a result was taken back', turns.reopened],
    ['withdrawals cancelled because their money was taken back', turns.cancelled],
    ['results corrected by hand', corrections],
    ['games abandoned', abandoned],
    ['results taken back, the game to be played again', reopened],
    ['limits set', limits],
    ['persons in debt at the end', count(wallets, ({ debt }) => debt < 0n)],
    ['values compared, over all checkpoints', told.compared],
    ['**differences**', told.differences.length],
    ['control: 1 minor unit too much in the calculation', `found: ${controls.calculation[0]}`],
    ['control: 1 minor unit too much in a balance of the table', `found: ${controls.balance[0]}`],
    ['control: an entry of 1 minor unit added to the table', `found: ${controls.entry[0]}`],
    ['duration, s', Math.round(seconds)],
  ]
}

const refusedOf = ({ answers }: Told) =>
  [...answers].reduce((sum, [name, times]) => sum + (name.endsWith(' done') ? 0 : times), 0)

const chapterLines = (chapter: Chapter): string[] => [
  `## ${chapter.engine}`,
  '',
  '| | |',
  '|---|---|',
  ...facts(chapter).map(([name, value]) => `| ${name} | ${value} |`),
  '',
  '| operation | how it ended | times |',
  '|---|---|---|',
  ...[...chapter.told.answers].sort().map(([name, times]) => {
    const [act, ended] = name.split(' ')
    return `| ${act} | ${ended} | ${times} |`
  }),
  '',
]

/** The page of the proof. */
export const seasonBetsPage = (chapters: readonly Chapter[], command: string): string =>
  [
    '# A real season, bet on',
    '',
    'Written by `test/prove/season-bets.prove.ts`; run it again with:',
    '',
    '```',
    command,
    '```',
    '',
    'Analytics stores the Premier League of 2023-24 (380 matches, opening and closing prices of the market and of pinnacle) by its',
    'own ingestion, under a clock that the proof moves from instant to instant: prices, kick-offs, results. At each instant players',
    'with accounts in four guilds of two tenants and in four currencies do what a seed decides, through the GraphQL door, several',
    'accounts at the same time: deposits, withdrawals asked for, paid out and cancelled, holds, freezes, adjustments, bets with one',
    'to eight legs under each price policy, cash-outs, requests repeated under their key with the same and with another body, twins',
    'sent at once, and all that must be refused. One guild has the stricter rules. Compliance is a stand-in that says yes, no, or',
    'nothing usable by the amount. To the prices of the file come invented ones for handicaps, draw no bet and further lines, so that',
    'half outcomes and met lines occur; some results the feed tells wrong first, some games it puts off, and some it wants to put off',
    'after their result, which it may not; at times it is silent for too long. Results are corrected by hand, also back and forth,',
    'and taken back, and games are abandoned. Settlement often waits while people go on.',
    '',
    'The second calculation (`season-bets-rules.ts`, `-book.ts`, `-world.ts`) is code of its own, written from the stated rules: it reads',
    'the CSV itself, and imports nothing of the product. It says beforehand what every single operation must answer: done or which',
    'refusal, the odds, the payout, the offer. At checkpoints and at the end everything stored is held against it to the minor unit: each',
    'balance, held money and debt, the sum of the entries of every account and of the house, each bet and hold, and `bettingFigures`',
    '(handle, turnover, payout, gross win, hold, open stakes, open liability) by currency, tenant, guild and market, and day.',
    'All entries sum to 0 in each currency, and so do those of every transfer.',
    '',
    ...chapters.flatMap(chapterLines),
    `Run on ${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${availableParallelism()} cores, load average ${(loadavg()[1] ?? 0).toFixed(1)} (other work included).`,
    '',
  ].join('\n')
