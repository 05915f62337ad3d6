/** What identity writes into the audit log: when, and the names of what details may hold. */
export const AUDIT_ACTIONS = {
  'sign-in.succeeded': { when: 'Somebody signed in.', details: ['reach', 'userId'] },
  'sign-in.refused': { when: 'A sign-in was refused.', details: ['reason', 'userId'] },
  'refresh.reused': {
    when: 'A refresh token was shown a second time, and its session ended.',
    details: ['userId'],
  },
  'session.signed-out': { when: 'Somebody signed out.', details: ['userId'] },
  'session.revoked': { when: 'One session was ended.', details: ['userId'] },
  'sessions.revoked': {
    when: 'All sessions of a person were ended.',
    details: ['ended', 'userId'],
  },
  'password.first-set': { when: 'A person was given a first password.', details: ['userId'] },
  'password.changed': {
    when: 'A person changed their own password.',
    details: ['endedSessions', 'userId'],
  },
  'password.refused': { when: 'A change of one’s own password was refused.', details: ['userId'] },
  'user.created': { when: 'A person was entered.', details: ['role', 'memberships', 'userId'] },
  'user.suspended': { when: 'A person was suspended.', details: ['userId'] },
  'user.restored': { when: 'A suspended person may sign in again.', details: ['userId'] },
  'role.created': { when: 'A role was made.', details: ['permissions', 'isActive', 'userId'] },
  'role.changed': {
    when: 'What a role may do was changed.',
    details: ['permissions', 'isActive', 'userId'],
  },
  'role.granted': {
    when: 'Somebody was given a role.',
    details: ['roleId', 'expiresAt', 'userId'],
  },
  'role.revoked': { when: 'A role was taken from somebody.', details: ['roleId', 'userId'] },
  'member.added': { when: 'A person joined a guild.', details: ['userId'] },
  'member.removed': {
    when: 'A person left a guild, with the roles held in it.',
    details: ['endedRoles', 'userId'],
  },
  'api-key.created': { when: 'An API key was issued.', details: ['scopes', 'userId'] },
  'api-key.rotated': { when: 'An API key was given a new secret.', details: ['scopes', 'userId'] },
  'api-key.revoked': { when: 'An API key was ended.', details: ['scopes', 'userId'] },
  'api-key.refused': {
    when: 'A known API key was shown with a wrong secret.',
    details: ['userId'],
  },
  'tenant.suspended': {
    when: 'The holders of roles in a tenant lost them for now: it was suspended.',
    details: ['holders', 'userId'],
  },
  'tenant.restored': {
    when: 'The holders of roles in a tenant have them again.',
    details: ['holders', 'userId'],
  },
  'guild.moved': {
    when: 'Roles in a guild ended because it moved to another tenant.',
    details: ['before', 'endedGrants', 'userId'],
  },
  'guild.removed': { when: 'Roles and members of a guild ended with it.', details: ['userId'] },
  'members.read': { when: 'Members of a guild that logs reads were read.', details: ['count'] },
  'users.read': { when: 'People known in a guild that logs reads were read.', details: ['count'] },
  'security.read': {
    when: 'Security events of a guild that logs reads were read.',
    details: ['count'],
  },
  'security.followed': { when: 'Somebody began to follow security events.', details: [] },
} as const
