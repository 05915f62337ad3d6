import { serviceViewer } from '#kernel/auth/viewer.ts'
import { newId } from '#kernel/ids.ts'
import type { SeedReport } from '#kernel/service/subgraph.ts'
import { type ComplianceDeps, createServices, toRequest } from './context.ts'
import { CompliancePolicy } from './entities/compliance-policy.ts'
import { PrivacyConsent } from './entities/privacy-consent.ts'
import { acrossTenantsGrant } from './services/consent-changes.ts'
import type { Policies } from './services/policies.ts'
import type { ComplianceRequest } from './services/request.ts'

const DEMO_VERSION = '1.0'

/** The platform's own, in force from the first start; texts of a demo, which bind nobody. */
const DEMO_POLICIES = [
  {
    type: 'terms',
    name: 'Terms of use',
    config: {
      isDemo: true,
      summary: 'You are of age, you bet with play money, and every bet stands as it was taken.',
      text: 'Demo text: real terms are written by whoever runs the platform.',
    },
  },
  {
    type: 'privacy',
    name: 'Privacy notice',
    config: {
      isDemo: true,
      summary: 'Your data stays here, is kept encrypted, and you may see and take back consents.',
      text: 'Demo text: a real notice is written by whoever runs the platform.',
    },
  },
] as const

/** The demo people by the ids that identity gives them, in the tenants where they are. */
const DEMO_CONSENTS = [
  { userId: '2', tenantId: '1' },
  { userId: '3', tenantId: '1' },
  { userId: '4', tenantId: '1' },
  { userId: '5', tenantId: '2' },
  { userId: '6', tenantId: '1' },
] as const

async function acrossTenantsSeedPolicies({ acrossTenants }: ComplianceRequest, policies: Policies) {
  for (const policy of DEMO_POLICIES) {
    const { type } = policy
    const known = await acrossTenants().count(CompliancePolicy, { type, tenantId: null })
    if (known === 0) await policies.publish({ ...policy, version: DEMO_VERSION })
  }
}

/** Once: whoever withdraws later stays without. Where other terms hold by now, nobody has agreed. */
async function acrossTenantsSeedConsents(request: ComplianceRequest, policies: Policies) {
  const purpose = 'terms'
  for (const person of DEMO_CONSENTS) {
    const { tenantId } = person
    const known = await request.acrossTenants().count(PrivacyConsent, { ...person, purpose })
    const terms = await policies.inForce({ type: purpose, tenantId })
    if (known > 0 || terms?.version !== DEMO_VERSION) continue
    const said = { channel: 'web', guildId: null, recordedBy: null } as const
    await acrossTenantsGrant(request, { ...person, ...said, purpose, version: DEMO_VERSION })
  }
}

/** The platform's first policies, and the demo people's consents to its terms. */
export async function seedDemo(deps: ComplianceDeps): Promise<SeedReport> {
  const viewer = serviceViewer({
    serviceName: 'compliance',
    reach: { kind: 'platform' },
    scopes: [],
    requestId: newId(deps.randomness),
  })
  const { policies } = createServices(deps, { viewer })
  const request = toRequest(deps, { viewer })
  await acrossTenantsSeedPolicies(request, policies)
  await acrossTenantsSeedConsents(request, policies)
  return { lines: ['The demo people have agreed to the terms of use (version 1.0, a demo text)'] }
}
