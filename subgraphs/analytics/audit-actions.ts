/** What analytics writes into the audit log: when, and the names of what details may hold. */
export const AUDIT_ACTIONS = {
  'account.opened': { when: 'An account was opened.', details: ['userId', 'currency'] },
  'accounts.read': { when: 'Accounts of a guild that logs reads were read.', details: ['count'] },
  'accounts.followed': {
    when: 'Somebody began to follow another’s balances where a guild logs reads.',
    details: ['count'],
  },
  'money.deposited': { when: 'Money was booked in.', details: ['accountId', 'amount', 'currency'] },
  'money.adjusted': {
    when: 'A balance was corrected by hand.',
    details: ['accountId', 'amount', 'currency', 'reason'],
  },
  'money.held': {
    when: 'Money was held back for review.',
    details: ['accountId', 'amount', 'currency'],
  },
  'hold.frozen': {
    when: 'A hold was frozen: nobody may end it for now.',
    details: ['accountId', 'amount', 'currency', 'reason'],
  },
  'hold.thawed': {
    when: 'A frozen hold may be ended again.',
    details: ['accountId', 'amount', 'currency', 'reason'],
  },
  'hold.released': {
    when: 'Held money was given back.',
    details: ['accountId', 'amount', 'currency'],
  },
  'hold.captured': {
    when: 'Held money was taken.',
    details: ['accountId', 'amount', 'currency', 'reason'],
  },
  'holds.read': { when: 'Holds of a guild that logs reads were read.', details: ['count'] },
  'withdrawal.requested': {
    when: 'A withdrawal was asked for, and its money held.',
    details: ['accountId', 'amount', 'currency'],
  },
  'withdrawal.completed': {
    when: 'A withdrawal was paid out.',
    details: ['accountId', 'amount', 'currency'],
  },
  'withdrawal.cancelled': {
    when: 'A withdrawal was cancelled because its money was taken back.',
    details: ['accountId', 'amount', 'currency', 'betId'],
  },
  'bet.placed': {
    when: 'A bet was placed.',
    details: ['currency', 'stake', 'status', 'outcome', 'payout', 'accountId', 'odds', 'legs'],
  },
  'bet.settled': {
    when: 'A bet was settled.',
    details: ['currency', 'stake', 'status', 'outcome', 'payout', 'settlements'],
  },
  'bet.corrected': {
    when: 'A settled bet was settled anew.',
    details: [
      'currency',
      'stake',
      'status',
      'outcome',
      'payout',
      'settlements',
      'previous',
      'previousPayout',
    ],
  },
  'bet.reopened': {
    when: 'A settled bet is open again.',
    details: [
      'currency',
      'stake',
      'status',
      'outcome',
      'payout',
      'settlements',
      'previous',
      'previousPayout',
    ],
  },
  'bet.cashed_out': {
    when: 'A bet was cashed out.',
    details: ['currency', 'stake', 'status', 'outcome', 'payout'],
  },
  'bets.read': { when: 'Bets of a guild that logs reads were read.', details: ['count'] },
  'bets.followed': {
    when: 'Somebody began to follow another’s bets where a guild logs reads.',
    details: ['count'],
  },
  'limit.set': {
    when: 'The betting limits of a guild were set.',
    details: ['currency', 'minStake', 'maxStake', 'maxPayout', 'maxLegs', 'cashOutFeeBasisPoints'],
  },
  'result.correct': {
    when: 'A result was corrected by hand.',
    details: ['reason', 'resultVersion', 'home', 'away'],
  },
  'fixture.abandon': {
    when: 'A fixture was declared abandoned.',
    details: ['reason', 'resultVersion', 'home', 'away'],
  },
  'fixture.reopen': {
    when: 'A fixture was opened again.',
    details: ['reason', 'resultVersion', 'home', 'away'],
  },
  'feed.pause': { when: 'An odds feed was paused.', details: ['feed'] },
  'feed.resume': { when: 'A paused odds feed runs again.', details: ['feed'] },
  'competition.follow': { when: 'A competition was followed.', details: ['competition'] },
  'competition.unfollow': { when: 'A competition is followed no more.', details: ['competition'] },
} as const
