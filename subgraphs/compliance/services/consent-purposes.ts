/** What a person can agree to, each for itself; a name is never used again for something else. */
export const CONSENT_PURPOSES = {
  terms: 'The terms of use: without it nobody bets where the stricter rules hold.',
  privacy: 'How personal data is handled.',
  marketing_email: 'Offers by e-mail.',
  marketing_discord: 'Offers by direct message on Discord.',
  profiling: 'Offers and limits that follow from what the person did.',
  assistant: 'Conversations with the assistant are kept.',
} as const satisfies Readonly<Record<string, string>>

export type ConsentPurpose = keyof typeof CONSENT_PURPOSES

export const isConsentPurpose = (name: string): name is ConsentPurpose =>
  Object.hasOwn(CONSENT_PURPOSES, name)
