/** What ai writes into the audit log: when, and the names of what details may hold. */
export const AUDIT_ACTIONS = {
  'model.register': {
    when: 'A model of the forecast was registered.',
    details: ['model', 'version', 'fileHash', 'isActive'],
  },
  'model.activate': { when: 'A model was put to use.', details: ['model', 'version'] },
  'model.retire': { when: 'A model was taken out of use.', details: ['model', 'version'] },
  'conversation.record': {
    when: 'A turn of a conversation was kept.',
    details: ['userId', 'messageType'],
  },
  'conversations.read': {
    when: 'Conversations of a guild that logs reads were read.',
    details: ['count'],
  },
} as const
