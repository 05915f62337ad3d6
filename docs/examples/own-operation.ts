import { createDbsbm } from '@dbsbm/sdk'
import { graphql } from '@dbsbm/sdk/graphql'

const standings = graphql(`
  query Standings($guildId: ID!) {
    guild(id: $guildId) {
      name
      handle { amount currency }
      members(first: 5) { edges { node { user { displayName } } } }
    }
  }
`)

const dbsbm = createDbsbm({
  url: process.env.DBSBM_URL ?? 'http://127.0.0.1:4000/graphql',
  credentials: { email: 'admin@acme.example', password: 'demo-admin', tenantId: '1' },
})
const { guild } = await dbsbm.query(standings, { guildId: '81384788765712384' })
const names = guild?.members?.edges.map(({ node }) => node.user?.displayName)
console.log(`${guild?.name}: ${names?.join(', ')}`)
await dbsbm.close()
