/** What an id names. */
export const ID_KINDS = [
  'tenant',
  'guild',
  'user',
  'role',
  'userRole',
  'session',
  'apiKey',
  'customization',
  'flag',
  'quota',
  'member',
  'follow',
  'account',
  'transfer',
  'entry',
  'hold',
  'bet',
  'limit',
  'policy',
  'consent',
  'alertRule',
  'alert',
  'auditLog',
  'turn',
  'fixture',
  'selection',
] as const
export type IdKind = (typeof ID_KINDS)[number]

/** Ids of one side of the border, by kind. */
export type IdsOfKinds = Readonly<Record<IdKind, readonly string[]>>

/** The kind that an argument or input field asks for, by its name. */
const KIND_OF_NAME: Readonly<Record<string, IdKind>> = {
  tenantId: 'tenant',
  toTenantId: 'tenant',
  guildId: 'guild',
  userId: 'user',
  actorId: 'user',
  assignedBy: 'user',
  roleId: 'role',
  userRoleId: 'userRole',
  sessionId: 'session',
  apiKeyId: 'apiKey',
  accountId: 'account',
  transferId: 'transfer',
  holdId: 'hold',
  betId: 'bet',
  policyId: 'policy',
  ruleId: 'alertRule',
  fixtureId: 'fixture',
  selectionId: 'selection',
}

/** The kind of a plain `id`, by what it is an id of. */
const KIND_OF_OWNER: Readonly<Record<string, IdKind>> = {
  Tenant: 'tenant',
  Guild: 'guild',
  User: 'user',
  Role: 'role',
  Session: 'session',
  ApiKey: 'apiKey',
  Customization: 'customization',
  FeatureFlag: 'flag',
  Quota: 'quota',
  Account: 'account',
  LedgerEntry: 'entry',
  Hold: 'hold',
  Bet: 'bet',
  CompliancePolicy: 'policy',
  Consent: 'consent',
  AlertRule: 'alertRule',
  Alert: 'alert',
  AuditLog: 'auditLog',
  ConversationTurn: 'turn',
  Fixture: 'fixture',
}

/** Ids of things that belong to no tenant: there is nothing foreign to try. */
const SHARED = new Set(['marketId', 'feedId', 'modelId'])
const SHARED_OWNERS = new Set(['OddsQuote', 'AiModel', 'Prediction'])

/** The kinds worth trying where an id is asked for; all of them where the name says nothing. */
export function kindsOf(name: string, owner: string): readonly IdKind[] {
  if (SHARED.has(name) || (name === 'id' && SHARED_OWNERS.has(owner))) return []
  const kind = name === 'id' ? KIND_OF_OWNER[owner] : KIND_OF_NAME[name]
  return kind ? [kind] : ID_KINDS
}
