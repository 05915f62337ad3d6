import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createGateway } from '../gateway/server.ts'
import { settingsFromConfig } from '../gateway/settings-from-config.ts'
import type { Message } from '../kernel/audit/outbox.ts'
import { ACCESS_TOKEN_AUDIENCE, ACCESS_TOKEN_ISSUER } from '../kernel/auth/access-token.ts'
import { systemClock } from '../kernel/clock.ts'
import { readProcessConfig } from '../kernel/config.ts'
import { systemRandomness } from '../kernel/ids.ts'
import { createLog } from '../kernel/log.ts'
import { openPlatform } from '../kernel/serve/platform.ts'
import type { Subgraph, SubgraphDeps } from '../kernel/service/subgraph.ts'
import { ai } from '../subgraphs/ai/subgraph.ts'
import { analytics } from '../subgraphs/analytics/subgraph.ts'
import { compliance } from '../subgraphs/compliance/subgraph.ts'
import { identity } from '../subgraphs/identity/subgraph.ts'
import { tenancy } from '../subgraphs/tenancy/subgraph.ts'

/**
 * The embedded platform as `gateway/main.ts` opens it, but for an analytics that leaves out, when told to, what a bet
 * costs beside: the audit records, or the question to compliance. Told by its parent process.
 */
export type Manner = 'whole' | 'unaudited' | 'unasked'

let manner: Manner = 'whole'

const YES = {
  ...{ clearanceId: '1', answer: 'yes', code: null, isProvisional: true },
  says: 'Nobody was asked.',
}

/** A yes that nobody gave is confirmed to nobody. */
const isTold = ({ receiver }: Message) => manner !== 'unasked' || receiver !== 'compliance'

function withoutCosts({ audit, outbox, services, ...deps }: SubgraphDeps): SubgraphDeps {
  return {
    ...deps,
    outbox: {
      ...outbox,
      send: async (tx, message) => (isTold(message) ? outbox.send(tx, message) : ''),
    },
    audit: {
      record: async (tx, entry, beside = []) => {
        const told = beside.filter(isTold)
        if (manner !== 'unaudited') await audit.record(tx, entry, told)
        else if (told.length > 0) await outbox.sendAll(tx, told)
      },
    },
    services: {
      ...services,
      call: (callee, request) =>
        manner === 'unasked' ? Promise.resolve(YES) : services.call(callee, request),
    },
  }
}

const measured: Subgraph = { ...analytics, open: (deps) => analytics.open(withoutCosts(deps)) }

const config = readProcessConfig([], 'gateway')
const log = createLog({ level: config.logLevel, name: 'bench' })
const platform = await openPlatform({
  ...{ config, clock: systemClock, randomness: systemRandomness, log },
  subgraphs: [identity, tenancy, ai, compliance, measured],
})
await platform.seed()
await platform.start()
const gateway = await createGateway({
  supergraph: {
    file: resolve(fileURLToPath(new URL('../schema/supergraph.graphql', import.meta.url))),
  },
  settings: settingsFromConfig(config.gateway),
  ...{ clock: systemClock, randomness: systemRandomness, log },
  platform: {
    serviceKeys: platform.serviceKeys,
    identity: { url: 'http://identity.local', fetch: platform.fetchOf('identity') },
    issuer: ACCESS_TOKEN_ISSUER,
    audience: ACCESS_TOKEN_AUDIENCE,
  },
  localSubgraphs: Object.fromEntries(platform.services.map(({ name, fetch }) => [name, fetch])),
})
const { url } = await gateway.listen(config.port, config.host)
process.on('message', (message: Manner) => {
  manner = message
  process.send?.({ manner })
})
process.on('SIGTERM', async () => {
  await gateway.close()
  await platform.stop(5_000)
  process.exit(0)
})
process.send?.({ url: `${url}/graphql` })
