import { defineErrors } from '#kernel/errors.ts'

/** Refusals of compliance. */
export const complianceError = defineErrors({
  POLICY_INVALID: 'A value is not allowed: see field and expected.',
  POLICY_NOT_FOUND: 'There is no such policy within your reach.',
  POLICY_VERSION_TAKEN:
    'This version was published before, and a published version never changes: choose another.',
  POLICY_EFFECT_IN_PAST: 'A policy comes into force now or later: see expected.',
  POLICY_BEYOND_REACH:
    'A tenant’s policies are changed with rights for that whole tenant, the platform’s own by the platform alone.',
  CONSENT_PURPOSE_UNKNOWN: 'There is no such purpose of consent: see purposes.',
  CONSENT_VERSION_UNKNOWN: 'This is not the version in force: see version.',
  CONSENT_TENANT_REQUIRED: 'Say for which tenant, or sign in for one.',
  CONSENT_TENANT_UNKNOWN: 'There is no such tenant within your reach.',
  CONSENT_NEEDS_PERSON:
    'Only the person, signed in, gives and withdraws their consents; record those of others.',
  CONSENT_USER_INVALID: 'This is not the id of a person.',
  CONSENT_PERSON_UNKNOWN: 'Identity knows no such person in this tenant, or none that you may see.',
  CONSENTS_OF_OTHERS: 'The consents of another person need the scope named.',
  CLEARANCE_INVALID: 'The question or delivery is not one that compliance understands.',
  CLEARANCE_GUILD_UNKNOWN: 'Compliance does not know this guild of this tenant yet.',
  CLEARANCE_NOT_FOUND: 'There is no such clearance.',
  AUDIT_CHAIN_NOT_FOUND: 'There is no such audit log within your reach.',
  AUDIT_CHAIN_INVALID: 'A chain is `platform` or `tenant:` and the id of a tenant.',
  AUDIT_PLACE_INVALID: 'The places of a chain begin at 1.',
  AUDIT_FEATURE_NOT_INCLUDED: 'This guild’s plan does not include it.',
  ALERT_RULE_INVALID: 'A value is not allowed: see field and expected.',
  ALERT_RULE_NOT_FOUND: 'There is no such alert rule within your reach.',
  ALERT_RULES_TOO_MANY: 'A tenant has at most 50 alert rules of its own, a guild 20.',
  ALERT_PLACE_FOREIGN:
    'A rule watches a tenant within your reach, or one guild of it; with rights in one guild name that guild.',
  ALERT_NOT_FOUND: 'There is no such alert within your reach.',
})
