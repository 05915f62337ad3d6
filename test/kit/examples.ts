import { readFileSync } from 'node:fs'

const FOLDER = new URL('../../schema/operations/', import.meta.url)

/** The text of a persisted document (`codegen.ts`), with what it says of itself. */
const persisted = (name: string) => readFileSync(new URL(`${name}.graphql`, FOLDER), 'utf8')

/** With the demo's own values: clients give these two as variables. */
const SIGN_IN = `mutation SignIn {
  signIn(input: { email: "operator@dbsbm.example", password: "demo-operator" }) {
    accessToken
    reach
    scopes
  }
}
`

const PLACE_BET = `mutation PlaceBet {
  placeBet(
    input: {
      accountId: "1"
      stake: { amount: "500", currency: "EUR" }
      legs: [{ selectionId: "1", odds: 1010 }]
      priceChange: BETTER
      idempotencyKey: "my-first-bet"
    }
  ) {
    id
    status
    odds
    potentialPayout {
      amount
      currency
    }
    fairPrice {
      odds
    }
    cashOutOffer {
      amount
    }
  }
}
`

/**
 * Operations as clients ask them: each runs as it is for a demo account, but the bet, which asks for two
 * ids of the one before it.
 */
export const EXAMPLES: readonly string[] = [
  SIGN_IN,
  persisted('guild-board'),
  persisted('odds-moving'),
  persisted('security-events'),
  persisted('five-subgraphs'),
  persisted('betting-slip'),
  PLACE_BET,
  persisted('portfolio'),
  persisted('audit-trail'),
]
