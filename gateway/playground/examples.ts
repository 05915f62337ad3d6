/**
 * Operations that the playground opens with: each runs as it is for a demo account, but the bet, which
 * asks for two ids of the tab before it.
 */
export const EXAMPLES: readonly string[] = [
  `# 1. Sign in. Copy accessToken into the Headers of each
#    tab, as { "authorization": "Bearer …" }. It lasts
#    five minutes; then sign in again.
mutation SignIn {
  signIn(
    input: {
      email: "operator@dbsbm.example"
      password: "demo-operator"
    }
  ) {
    accessToken
    reach
    scopes
  }
}
`,
  `# 2. One question over three subgraphs: guilds (tenancy),
#    their members (identity), and the odds of the
#    fixtures they follow (analytics).
query GuildBoard {
  guilds(first: 5) {
    edges {
      node {
        name
        tenant {
          name
        }
        members(first: 5) {
          edges {
            node {
              user {
                displayName
              }
            }
          }
        }
        fixtures(
          first: 3
          where: { status: { eq: SCHEDULED } }
        ) {
          edges {
            node {
              home
              away
              startsAt
              isSimulated
              markets {
                type
                selections {
                  name
                  bestBack {
                    odds
                    source
                  }
                }
                consensus {
                  probabilities {
                    selection {
                      name
                    }
                    probability
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
`,
  `# 3. Odds as they move (thousandths: 2100 is 2.10), each
#    with its fixture and selection. Every event carries
#    its cursor in extensions.
subscription OddsMoving {
  oddsChanged {
    odds
    previousOdds
    source
    at
    fixture {
      home
      away
    }
    selection {
      name
    }
  }
}
`,
  `# 4. What happens at the doors: sign-ins, refusals,
#    rights given and taken.
subscription SecurityEvents {
  securityEventHappened {
    eventType
    at
    user {
      displayName
    }
  }
}
`,
  `# 5. One question over all five subgraphs: guilds
#    (tenancy), their members (identity), fixtures and
#    what was staked (analytics), forecasts (ai), and the
#    audit trail (compliance).
query FiveSubgraphs {
  guilds(first: 3) {
    edges {
      node {
        name
        members(first: 3) {
          edges {
            node {
              user {
                displayName
              }
            }
          }
        }
        handle {
          amount
          currency
        }
        fixtures(
          first: 3
          where: { status: { eq: SCHEDULED } }
        ) {
          edges {
            node {
              home
              away
              prediction {
                basis
                probabilities {
                  home
                  draw
                  away
                }
                expectedGoals {
                  home
                  away
                }
              }
            }
          }
        }
        auditTrail(first: 3) {
          edges {
            node {
              action
              at
              entryHash
            }
          }
        }
      }
    }
  }
}
`,
  `# 6. As member@acme.example (demo-member): your money, and
#    what there is to bet on.
query BettingSlip {
  me {
    accounts(first: 5) {
      edges {
        node {
          id
          balance {
            amount
            currency
          }
        }
      }
    }
  }
  fixtures(
    first: 3
    where: { status: { eq: SCHEDULED } }
    orderBy: [{ field: STARTS_AT, direction: DESC }]
  ) {
    edges {
      node {
        home
        away
        startsAt
        markets {
          type
          line
          selections {
            id
            name
            bestBack {
              odds
              source
            }
          }
        }
      }
    }
  }
}
`,
  `# 7. As the member: a bet of 5.00 EUR. Put an account and
#    a selection of tab 6 in place of the two ids. The
#    same key again is the same bet, not a second one.
mutation PlaceBet {
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
`,
  `# 8. As the member: your balance as it moves, by stakes,
#    payouts and corrections.
subscription Portfolio {
  balanceChanged {
    kind
    balance {
      amount
      currency
    }
    change {
      amount
    }
    transferKind
    at
  }
}
`,
  `# 9. As officer@acme.example (demo-officer): the audit
#    trail of the tenant, and whether its chain is whole.
query AuditTrail {
  auditLogs(first: 10) {
    edges {
      node {
        seq
        action
        outcome
        source
        resourceType
        at
        user {
          displayName
        }
      }
    }
  }
  auditVerification {
    checked
    isWhole # null for a part: ask on from nextSeq
    nextSeq
    firstBroken {
      seq
      kind
    }
  }
}
`,
]
