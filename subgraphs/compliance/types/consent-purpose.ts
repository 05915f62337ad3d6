import { builder } from '../builder.ts'
import type { CompliancePolicy } from '../entities/compliance-policy.ts'
import { PolicyType } from './policy.ts'

type Purpose = { purpose: string; description: string; policy: CompliancePolicy | null }

const ConsentPurposeType = builder.objectRef<Purpose>('ConsentPurpose').implement({
  description: 'Something that a person can agree to.',
  fields: (t) => ({
    purpose: t.exposeString('purpose', { description: 'Its name, as in giveConsent.' }),
    description: t.exposeString('description', { description: 'What is agreed to.' }),
    policy: t.field({
      type: PolicyType,
      nullable: true,
      description: 'The policy in force, whose version giveConsent names; null where none is.',
      resolve: ({ policy }) => policy,
    }),
  }),
})

builder.queryField('consentPurposes', (t) =>
  t.field({
    type: [ConsentPurposeType],
    nullable: true,
    auth: { authenticated: true },
    description: 'What a person can agree to in a tenant, with what to read before.',
    listSize: { assumedSize: 6 },
    args: {
      tenantId: t.arg.id({
        description: 'In which tenant; your own, or the platform’s if absent.',
      }),
    },
    resolve: (_root, { tenantId }, { consents }) =>
      consents.acrossTenantsPurposes(tenantId ?? null),
  }),
)
