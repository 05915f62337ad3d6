import { Group, Stack, Text } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { problemIn } from '../../api/problem.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { ConsoleBalanceMovesDocument, ConsoleBettingAccountsDocument } from '../../gql/documents.ts'
import { follow } from '../../live/follow.ts'
import card from '../../parts/card.module.css'
import { moneyText } from '../../parts/figures.ts'
import { ProblemNote } from '../../parts/states.tsx'

/** What there is to spend, by account, as it changes. */
export function Balances() {
  const [{ data, error }, ask] = useAnswer({ query: ConsoleBettingAccountsDocument })
  const again = useRef(ask)
  again.current = ask
  useEffect(() => {
    const read = () => again.current({ requestPolicy: 'network-only' })
    return follow(ConsoleBalanceMovesDocument, {}, { event: read, reread: read })
  }, [])
  const accounts = (data?.me?.accounts?.edges ?? [])
    .map(({ node }) => node)
    .filter(({ kind }) => kind === 'PLAYER')
  if (error && !data?.me?.accounts) {
    return (
      <ProblemNote
        problem={problemIn(error)}
        onRetry={() => ask({ requestPolicy: 'network-only' })}
      />
    )
  }
  return (
    <Group gap="xs" component="section" aria-label="Balances">
      {accounts.map(({ id, guild, balance, held }) => (
        <Stack key={id} gap={0} className={card.card} data-account={id}>
          <Text size="xs" className="quiet" truncate maw={240}>
            {guild?.name ?? 'Account'}
          </Text>
          <Text size="lg" fw={650} data-balance={balance.amount}>
            {moneyText(balance)}
          </Text>
          {held.amount === '0' ? null : (
            <Text size="xs" className="quiet">{`${moneyText(held)} held`}</Text>
          )}
        </Stack>
      ))}
    </Group>
  )
}
