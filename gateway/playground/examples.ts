/** Operations that the playground opens with: each runs as it is for a demo account. */
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
        fixtures(first: 3) {
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
]
