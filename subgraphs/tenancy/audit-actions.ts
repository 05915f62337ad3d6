/** What tenancy writes into the audit log: when, and the names of what details may hold. */
export const AUDIT_ACTIONS = {
  'tenant.opened': { when: 'A tenant was opened.', details: [] },
  'tenant.updated': { when: 'A tenant was changed.', details: ['changed'] },
  'tenant.suspended': { when: 'A tenant was suspended.', details: [] },
  'tenant.restored': { when: 'A suspended tenant is open again.', details: [] },
  'guild.registered': { when: 'A guild was registered.', details: [] },
  'guild.updated': { when: 'A guild was changed.', details: ['changed'] },
  'guild.left': { when: 'A guild left this tenant for another.', details: [] },
  'guild.moved': { when: 'A guild came to this tenant.', details: [] },
  'guild.removed': { when: 'A guild was removed.', details: [] },
  'quota.set': { when: 'The limit of a quota was set.', details: ['limit', 'resetPeriod', 'name'] },
  'quota.used': { when: 'Something of a quota was used.', details: ['amount', 'used', 'name'] },
  'quota.released': {
    when: 'Something used was given back to a quota.',
    details: ['amount', 'used', 'name'],
  },
  'flag.set': { when: 'A feature flag was set.', details: ['isEnabled', 'rolloutPercent', 'name'] },
  'flag.removed': { when: 'A feature flag was removed.', details: ['name'] },
  'customization.set': { when: 'A customisation was set.', details: ['version', 'name'] },
} as const
