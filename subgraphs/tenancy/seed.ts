import { serviceViewer } from '#kernel/auth/viewer.ts'
import { newId } from '#kernel/ids.ts'
import type { SeedReport, SubgraphDeps } from '#kernel/service/subgraph.ts'
import { createContext, type TenancyServices } from './context.ts'
import type { ResetPeriod } from './entities/quota.ts'

type DemoGuild = {
  guildId: string
  name: string
  switches?: { enterpriseFeatures?: boolean; auditLogging?: boolean }
}

type DemoTenant = {
  code: string
  name: string
  planType: 'professional' | 'enterprise'
  guilds: readonly DemoGuild[]
  quotas: readonly { resource: string; limit: bigint; resetPeriod: ResetPeriod }[]
  branding: Readonly<Record<string, string>>
  flags: readonly { key: string; rolloutPercent: number; description: string }[]
}

const DEMO_TENANTS: readonly DemoTenant[] = [
  {
    code: 'acme',
    name: 'Acme Betting',
    planType: 'enterprise',
    guilds: [
      {
        guildId: '81384788765712384',
        name: 'Acme Sharps',
        switches: { enterpriseFeatures: true, auditLogging: true },
      },
      { guildId: '81384788765712385', name: 'Acme Parlay Club' },
    ],
    quotas: [
      { resource: 'api.points', limit: 1_000_000n, resetPeriod: 'daily' },
      { resource: 'ai.tokens', limit: 500_000n, resetPeriod: 'monthly' },
      { resource: 'seats', limit: 50n, resetPeriod: 'none' },
    ],
    branding: {
      displayName: 'Acme',
      primaryColor: '#0b5fff',
      backgroundColor: '#ffffff',
      textColor: '#1a1a2e',
    },
    flags: [
      { key: 'live.cashout', rolloutPercent: 25, description: 'Cash out while a match runs.' },
      { key: 'ai.assistant', rolloutPercent: 100, description: 'The assistant in every guild.' },
    ],
  },
  {
    code: 'globex',
    name: 'Globex Community',
    planType: 'professional',
    guilds: [{ guildId: '197038439483310086', name: 'Globex Lounge' }],
    quotas: [
      { resource: 'api.points', limit: 100_000n, resetPeriod: 'daily' },
      { resource: 'seats', limit: 10n, resetPeriod: 'none' },
    ],
    branding: {
      displayName: 'Globex',
      primaryColor: '#ffb000',
      backgroundColor: '#14213d',
      textColor: '#f5f5f5',
    },
    flags: [{ key: 'ai.assistant', rolloutPercent: 50, description: 'The assistant for half.' }],
  },
]

type Deps = Pick<SubgraphDeps, 'database' | 'clock' | 'randomness' | 'audit' | 'outbox' | 'events'>

type Nodes<Node> = { edges: readonly { node: Node }[] }

/** The names that stand, so that a seed begun and broken off is finished, and nothing overwritten. */
async function namesIn<Node>(page: Promise<Nodes<Node>>, nameOf: (node: Node) => string) {
  return new Set((await page).edges.map(({ node }) => nameOf(node)))
}

async function seedGuilds({ guilds }: TenancyServices, tenantId: string, demo: DemoTenant) {
  for (const { guildId, name, switches } of demo.guilds) {
    if (await guilds.byId(guildId)) continue
    await guilds.register({ tenantId, guildId, name })
    if (switches) await guilds.update({ guildId, ...switches })
  }
}

async function seedTenant(services: TenancyServices, demo: DemoTenant): Promise<string> {
  const { tenants, quotas, customizations, featureFlags } = services
  const { code, name, planType } = demo
  const standing = await tenants.byCode(code)
  const { id: tenantId } = standing ?? (await tenants.open({ code, name, planType }))
  await seedGuilds(services, tenantId, demo)
  const page = { first: 100 }
  const resources = await namesIn(quotas.ofTenant(tenantId, page), (quota) => quota.resource)
  for (const quota of demo.quotas) {
    if (!resources.has(quota.resource)) await quotas.set({ tenantId, ...quota })
  }
  const types = await namesIn(
    customizations.ofTenant(tenantId, { ...page, history: false }),
    (customization) => customization.type,
  )
  if (!types.has('branding')) {
    await customizations.set({ tenantId, type: 'branding', data: demo.branding })
  }
  const keys = await namesIn(featureFlags.ofTenant(tenantId, page), (flag) => flag.key)
  for (const flag of demo.flags) {
    if (!keys.has(flag.key)) await featureFlags.set({ tenantId, ...flag, isEnabled: true })
  }
  return tenantId
}

/** Makes the demo tenants Acme and Globex; what stands already is left as it is. */
export async function seedDemo(deps: Deps): Promise<SeedReport> {
  const viewer = serviceViewer({
    serviceName: 'tenancy',
    reach: { kind: 'platform' },
    scopes: [],
    requestId: newId(deps.randomness),
  })
  const services = createContext(deps, {
    viewer,
    resume: null,
    signal: new AbortController().signal,
  })
  const lines: string[] = []
  for (const demo of DEMO_TENANTS) {
    const tenantId = await seedTenant(services, demo)
    lines.push(
      `Tenant ${demo.code} (id ${tenantId}), guilds: ${demo.guilds.map(({ name }) => name).join(', ')}`,
    )
  }
  return { lines }
}
