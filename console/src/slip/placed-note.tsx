import { Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { moneyText, oddsText, wholeTimeText } from '../parts/figures.ts'
import type { PlacedBet } from './use-place-bet.ts'

/** The bet that was placed, as the platform stored it. What was written it in is gone, so its button has the focus. */
export function PlacedNote({ bet, onClose }: { bet: PlacedBet; onClose: () => void }) {
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => button.current?.focus(), [])
  return (
    <Stack gap="sm" role="status" data-bet={bet.id}>
      <Group gap="xs" wrap="nowrap">
        <IconCircleCheck color="var(--good)" aria-hidden />
        <Text>
          {`${moneyText(bet.stake)} at ${oddsText(bet.odds)}. It pays ${moneyText(bet.potentialPayout)} if it wins.`}
        </Text>
      </Group>
      <Text size="sm" className="quiet">
        {`Bet ${bet.id}, placed ${wholeTimeText(bet.placedAt)}`}
      </Text>
      <Group>
        <Button ref={button} onClick={onClose}>
          Back to the odds
        </Button>
        <Anchor component={Link} to="/bets" onClick={onClose}>
          See my bets
        </Anchor>
      </Group>
    </Stack>
  )
}
