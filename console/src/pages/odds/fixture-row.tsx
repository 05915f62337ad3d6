import { Badge, Group, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useNow } from '../../live/live-state.ts'
import { dayTimeText, spanText } from '../../parts/figures.ts'
import { fairPair } from '../../prices/fair-prices.ts'
import { marketName, SELECTION_NAMES, selectionText } from '../../prices/names.ts'
import { PriceCell } from '../../prices/price-cell.tsx'
import { useLine } from '../../prices/use-line.ts'
import { useChooseLeg } from '../../slip/use-choose-leg.ts'
import { type BoardFixture, type BoardFixtureMarket, columnsOf, shownMarket } from './board.ts'
import classes from './odds.module.css'
import type { BoardMarket } from './odds-search.ts'

/** One fixture of the board: when, who, and the prices of the market that is shown. */
export function FixtureRow({ fixture, market }: { fixture: BoardFixture; market: BoardMarket }) {
  const shown = shownMarket(fixture, market)
  return (
    <div
      className={classes.row}
      style={{ '--columns': columnsOf(market) } as React.CSSProperties}
      data-fixture={fixture.id}
    >
      <Who fixture={fixture} />
      {shown ? (
        <Cells fixture={fixture} market={shown} />
      ) : (
        <Text size="sm" className="quiet">
          No prices for this market yet.
        </Text>
      )}
    </div>
  )
}

function Who({ fixture }: { fixture: BoardFixture }) {
  const { id, home, away, competition, isSimulated, isReplayed } = fixture
  return (
    <div className={classes.fixture}>
      <Link to="/odds/$fixtureId" params={{ fixtureId: id }} className={classes.teams}>
        <Text fw={600} truncate title={home}>
          {home}
        </Text>
        <Text fw={600} truncate title={away}>
          {away}
        </Text>
      </Link>
      <KickOff startsAt={fixture.startsAt} />
      <Group gap={8} wrap="nowrap">
        <Text size="xs" className="quiet" truncate title={competition}>
          {competition}
        </Text>
        {isSimulated ? <Tag>Simulated</Tag> : null}
        {isReplayed ? <Tag>Replayed</Tag> : null}
      </Group>
    </div>
  )
}

function Tag({ children }: { children: string }) {
  return (
    <Badge size="sm" variant="default" tt="none" style={{ flex: 'none' }}>
      {children}
    </Badge>
  )
}

function KickOff({ startsAt }: { startsAt: string }) {
  const untilMs = Date.parse(startsAt) - useNow()
  const away =
    untilMs > 0 ? `in ${spanText(untilMs)}` : `began ${spanText(-untilMs)} ago, closed for bets`
  return (
    <Text size="xs" className="quiet">
      <time dateTime={startsAt}>{dayTimeText(startsAt)}</time>
      {` · ${away}`}
    </Text>
  )
}

function Cells({ fixture, market }: { fixture: BoardFixture; market: BoardFixtureMarket }) {
  const choose = useChooseLeg(fixture)
  useLine(market.selections.map(({ id }) => id))
  const sources = { consensus: market.consensus, fairPrices: fixture.prediction?.fairPrices }
  return (
    <fieldset
      className={classes.cells}
      aria-label={`${fixture.home} v ${fixture.away}, ${marketName(market.type, market.line)}`}
      style={{ border: 0, margin: 0, padding: 0 }}
    >
      {market.selections.map((selection) => (
        <PriceCell
          key={selection.id}
          selectionId={selection.id}
          sign={SELECTION_NAMES[selection.name].sign}
          name={selectionText(selection.name, fixture)}
          fair={fairPair({ ...market, selection }, sources)}
          {...choose(market, selection)}
        />
      ))}
    </fieldset>
  )
}
