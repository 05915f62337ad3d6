const ACT = (name: string, type: string, selection: string) =>
  `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`

const HOLD = 'id status isFrozen money { amount }'
const BET =
  'id status outcome odds settlements payout { amount } potentialPayout { amount } legs { odds source }'

/** What is asked of the platform, by name. */
export const ACTS = {
  openAccount: ACT('openAccount', 'OpenAccountInput', 'id'),
  deposit: ACT('deposit', 'DepositInput', 'id'),
  adjustBalance: ACT('adjustBalance', 'AdjustBalanceInput', 'id'),
  requestWithdrawal: ACT('requestWithdrawal', 'HoldInput', HOLD),
  holdFunds: ACT('holdFunds', 'HoldInput', HOLD),
  releaseHold: ACT('releaseHold', 'HoldEndInput', HOLD),
  captureHold: ACT('captureHold', 'CaptureHoldInput', HOLD),
  completeWithdrawal: ACT('completeWithdrawal', 'HoldEndInput', HOLD),
  freezeHold: ACT('freezeHold', 'FreezeHoldInput', HOLD),
  thawHold: ACT('thawHold', 'FreezeHoldInput', HOLD),
  placeBet: ACT('placeBet', 'PlaceBetInput', BET),
  cashOutBet: ACT('cashOutBet', 'CashOutBetInput', BET),
  setBettingLimit: ACT('setBettingLimit', 'SetBettingLimitInput', 'id'),
  correctResult: ACT('correctResult', 'CorrectResultInput', 'status score { home away }'),
  abandonFixture: ACT('abandonFixture', 'AbandonFixtureInput', 'status score { home away }'),
  reopenFixture: ACT('reopenFixture', 'ReopenFixtureInput', 'status startsAt'),
} as const

export type ActName = keyof typeof ACTS
