import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import { ConsentChannelEnum, ConsentType } from './consent.ts'

const PURPOSE = 'What for, as in consentPurposes, such as terms.'
const WHO = 'Who: somebody known in the tenant.'
const TENANT = 'In which tenant; your own if absent.'

const GiveConsentInput = builder.inputType('GiveConsentInput', {
  description: 'What you agree to.',
  fields: (t) => ({
    purpose: t.string({ required: true, description: PURPOSE }),
    version: t.string({ required: true, description: 'The version that you have read.' }),
    channel: t.field({ type: ConsentChannelEnum, required: true, description: 'Where.' }),
    tenantId: t.id({ description: TENANT }),
  }),
})

const WithdrawConsentInput = builder.inputType('WithdrawConsentInput', {
  description: 'What you take back; no reason is asked for.',
  fields: (t) => ({
    purpose: t.string({ required: true, description: PURPOSE }),
    channel: t.field({ type: ConsentChannelEnum, required: true, description: 'Where.' }),
    tenantId: t.id({ description: TENANT }),
  }),
})

const RecordConsentInput = builder.inputType('RecordConsentInput', {
  description: 'What somebody else agreed to.',
  fields: (t) => ({
    userId: t.id({ required: true, description: WHO }),
    purpose: t.string({ required: true, description: PURPOSE }),
    version: t.string({ required: true, description: 'The version in force that they agreed to.' }),
    channel: t.field({ type: ConsentChannelEnum, required: true, description: 'Where.' }),
    tenantId: t.id({ description: TENANT }),
  }),
})

const RecordWithdrawalInput = builder.inputType('RecordWithdrawalInput', {
  description: 'What somebody else takes back.',
  fields: (t) => ({
    userId: t.id({ required: true, description: WHO }),
    purpose: t.string({ required: true, description: PURPOSE }),
    channel: t.field({ type: ConsentChannelEnum, required: true, description: 'Where.' }),
    tenantId: t.id({ description: TENANT }),
  }),
})

builder.mutationFields((t) => ({
  giveConsent: t.field({
    type: ConsentType,
    nullable: true,
    auth: { authenticated: true },
    description: 'Agrees, for yourself, to the version in force; what stands already stays.',
    args: { input: t.arg({ type: GiveConsentInput, required: true, description: 'To what.' }) },
    resolve: (_root, { input }, { consents }) => consents.give(input),
  }),
  withdrawConsent: t.field({
    type: ConsentType,
    nullable: true,
    auth: { authenticated: true },
    description: 'Takes your own consent back and returns it; null where none stood.',
    args: { input: t.arg({ type: WithdrawConsentInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { consents }) => consents.withdraw(input),
  }),
  recordConsent: t.field({
    type: ConsentType,
    nullable: true,
    auth: MAY.writeConsents,
    description: 'Writes down that somebody else agreed, who is known in the tenant.',
    args: { input: t.arg({ type: RecordConsentInput, required: true, description: 'To what.' }) },
    resolve: (_root, { input }, { consents }) => consents.record(input),
  }),
  recordWithdrawal: t.field({
    type: ConsentType,
    nullable: true,
    auth: MAY.writeConsents,
    description: 'Writes down that somebody else took a consent back; null where none stood.',
    args: { input: t.arg({ type: RecordWithdrawalInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { consents }) => consents.recordWithdrawal(input),
  }),
}))
