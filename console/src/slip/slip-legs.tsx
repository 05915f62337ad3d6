import { ActionIcon, Button, Group, Stack, Text } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useNow } from '../live/live-state.ts'
import card from '../parts/card.module.css'
import { dayTimeText, oddsText } from '../parts/figures.ts'
import { marketName, selectionText } from '../prices/names.ts'
import { useSelectionPrices } from '../prices/use-prices.ts'
import { acceptOdds, removeLeg, type SlipLeg } from './slip.ts'

/** What is on the slip, each with its price now beside the one that was chosen. */
export function SlipLegs({ legs }: { legs: readonly SlipLeg[] }) {
  return (
    <Stack component="ul" gap="xs" m={0} p={0} style={{ listStyle: 'none' }}>
      {legs.map((leg) => (
        <li key={leg.selectionId}>
          <Leg leg={leg} />
        </li>
      ))}
    </Stack>
  )
}

function Leg({ leg }: { leg: SlipLeg }) {
  const { selectionId, home, away, startsAt, marketType, line, selection, odds } = leg
  const { best } = useSelectionPrices(selectionId)
  const named = selectionText(selection, leg)
  const hasBegun = Date.parse(startsAt) <= useNow()
  const isMoved = !hasBegun && best !== null && best.odds !== odds
  return (
    <div className={card.card}>
      <Group justify="space-between" align="start" wrap="nowrap">
        <Stack gap={0} miw={0}>
          <Text fw={600} truncate title={named}>
            {named}
          </Text>
          <Text size="sm" className="quiet">
            {marketName(marketType, line)}
          </Text>
          <Text size="sm" className="quiet" truncate title={`${home} v ${away}`}>
            {`${home} v ${away}`}
          </Text>
          <Text size="sm" className="quiet">
            {dayTimeText(startsAt)}
          </Text>
        </Stack>
        <Group gap="xs" wrap="nowrap">
          <Text fw={650} data-leg-odds={odds}>
            {oddsText(odds)}
          </Text>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Take ${named} off the slip`}
            onClick={() => {
              removeLeg(selectionId)
              focusStake()
            }}
          >
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </Group>
      </Group>
      {hasBegun ? (
        <Text size="sm" mt="xs" role="status" data-state="begun">
          The game has begun: no bet is taken on it any more. Take it off the slip.
        </Text>
      ) : null}
      {isMoved ? <Moved leg={leg} now={best.odds} /> : null}
    </div>
  )
}

/** The button that was pressed goes; who uses the keyboard goes on where the bet is written. */
const focusStake = () =>
  setTimeout(() => document.querySelector<HTMLElement>('[data-stake]')?.focus())

function Moved({ leg, now }: { leg: SlipLeg; now: number }) {
  const isHigher = now > leg.odds
  const take = () => {
    acceptOdds(leg.selectionId, now)
    focusStake()
  }
  return (
    <Group justify="space-between" mt="xs">
      {/* Said once; the figures beside it change too often to be read aloud. */}
      <span className="visually-hidden" role="status">
        The price has moved.
      </span>
      <Text size="sm">{`${isHigher ? '▲' : '▼'} The price is ${oddsText(now)} now.`}</Text>
      <Button size="compact-sm" variant="light" onClick={take}>
        {`Take ${oddsText(now)}`}
      </Button>
    </Group>
  )
}
