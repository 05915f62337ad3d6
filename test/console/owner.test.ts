import { expect, test } from 'vitest'
import { ownerAfter } from '../../console/src/pages/playground/owner.ts'
import type { SessionState } from '../../console/src/session/session.ts'

const signedIn = (userId: string): SessionState => ({
  kind: 'signed-in',
  session: {
    accessToken: 'a',
    expiresAt: 0,
    sessionId: '1',
    userId,
    reach: 'NONE',
    tenantId: null,
    guildId: null,
    scopes: [],
  },
})
const signedOut: SessionState = { kind: 'signed-out', because: 'signed-out' }

test.each([
  ['signs out', 'ann', signedOut, { owner: null, isGone: true }],
  ['gives way to another', 'ann', signedIn('ben'), { owner: 'ben', isGone: true }],
  ['renews', 'ann', signedIn('ann'), { owner: 'ann', isGone: false }],
  ['is cut off', 'ann', { kind: 'unreachable' }, { owner: 'ann', isGone: false }],
  ['loads the page', 'ann', { kind: 'opening' }, { owner: 'ann', isGone: false }],
  ['signs in after typing', null, signedIn('ann'), { owner: 'ann', isGone: false }],
  ['types without signing in', null, signedOut, { owner: null, isGone: false }],
] as const)('what was typed, when somebody %s', (_what, owner, state, after) => {
  expect(ownerAfter(owner, state)).toEqual(after)
})
