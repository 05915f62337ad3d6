import {
  BalancesDocument,
  CreateApiKeyDocument,
  createDbsbm,
  FixturesDocument,
  isDbsbmError,
  OddsChangesDocument,
  PlaceBetDocument,
} from '@dbsbm/sdk'

const url = process.env.DBSBM_URL ?? 'http://127.0.0.1:4000/graphql'
const guildId = '81384788765712384'

// 1. A person signs in, and makes a key that may do less than they may.
const person = createDbsbm({
  url,
  credentials: { email: 'admin@acme.example', password: 'demo-admin', guildId },
})
const { me } = await person.query(BalancesDocument)
const accountId = me?.accounts?.edges[0]?.node.id ?? ''
const scopes = ['fixtures:read', 'odds:read', 'predictions:read', 'bets:place']
const { createApiKey } = await person.mutate(CreateApiKeyDocument, {
  input: { name: 'my program', scopes, guildId },
})
await person.close()

// 2. The program goes by the key. Its text is told this once: keep it as you keep a password.
const dbsbm = createDbsbm({ url, credentials: { apiKey: createApiKey?.text ?? '' } })
const { fixtures } = await dbsbm.query(FixturesDocument, {
  first: 5,
  where: { status: { eq: 'SCHEDULED' } },
})
const [first] = fixtures?.edges ?? []
console.log(`${first?.node.home} – ${first?.node.away}, ${first?.node.startsAt}`)

// 3. Prices as they move; leaving the loop ends the subscription.
for await (const { data, cursor } of dbsbm.subscribe(OddsChangesDocument)) {
  console.log(`now at ${data.oddsChanged?.odds}, to go on after ${cursor}`)
  break
}

// 4. A bet, under a key of one's own: sent twice it is still one bet.
const selection = first?.node.markets[0]?.selections[0]
const bet = {
  accountId,
  stake: { amount: '500', currency: 'EUR' },
  legs: [{ selectionId: selection?.id ?? '', odds: (selection?.bestBack?.odds ?? 0) + 5000 }],
  priceChange: 'EXACT' as const,
  idempotencyKey: crypto.randomUUID(),
}
try {
  await dbsbm.mutate(PlaceBetDocument, { input: bet })
} catch (failure) {
  if (!isDbsbmError(failure, 'PRICE_CHANGED', 'STAKE_ABOVE_LIMIT')) throw failure
  console.log(`refused: ${failure.code}, request ${failure.requestId}`)
  const atAnyPrice = { ...bet, priceChange: 'ANY' as const, idempotencyKey: crypto.randomUUID() }
  const { placeBet } = await dbsbm.mutate(PlaceBetDocument, { input: atAnyPrice })
  console.log(`placed at ${placeBet?.odds}: ${placeBet?.status}`)
}
await dbsbm.close()
