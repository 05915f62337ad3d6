/** What compliance writes into the audit log: when, and the names of what details may hold. */
export const AUDIT_ACTIONS = {
  'audit.verified': {
    when: 'The nightly look at the whole log ended; failed where something was altered.',
    details: ['chains', 'entries', 'findings', 'broken'],
  },
  'audit.unreadable': {
    when: 'A record arrived that nobody can read; its digest is kept.',
    details: ['digest'],
  },
  'audit.read': { when: 'Entries of a guild that logs reads were read.', details: ['count'] },
  'audit.followed': {
    when: 'Somebody began to follow the entries of a guild that logs reads.',
    details: ['count'],
  },
  'alert-rule.set': {
    when: 'An alert rule was made or changed.',
    details: [
      'action',
      'outcome',
      'resourceType',
      'actorId',
      'threshold',
      'windowSeconds',
      'isActive',
    ],
  },
  'alert-rule.removed': {
    when: 'An alert rule was removed.',
    details: [
      'action',
      'outcome',
      'resourceType',
      'actorId',
      'threshold',
      'windowSeconds',
      'isActive',
    ],
  },
  'alert.acknowledged': { when: 'Somebody took note of an alert.', details: ['ruleId', 'count'] },
  'policy.published': {
    when: 'A version of a policy was published.',
    details: ['type', 'version', 'effectiveFrom'],
  },
  'policy.retired': {
    when: 'A version of a policy was ended.',
    details: ['type', 'version', 'effectiveFrom'],
  },
  'consent.given': {
    when: 'A consent was given or written down.',
    details: ['userId', 'purpose', 'version', 'channel'],
  },
  'consent.withdrawn': {
    when: 'A consent was taken back.',
    details: ['userId', 'purpose', 'version', 'channel'],
  },
  'consents.read': {
    when: 'Consents given in a guild that logs reads were read.',
    details: ['count'],
  },
  'bet.clearance': {
    when: 'A bet was refused before money moved.',
    details: ['userId', 'amount', 'currency', 'reason', 'purpose', 'version'],
  },
  'deposit.clearance': {
    when: 'A deposit was refused before money moved.',
    details: ['userId', 'amount', 'currency', 'reason', 'purpose', 'version'],
  },
} as const
