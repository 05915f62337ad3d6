/** Which keys are shown, as it stands in the address. */
export type KeysSearch = { show?: 'working' }

/** Whatever an address says, bounded. */
export const parseKeysSearch = ({ show }: Record<string, unknown>): KeysSearch =>
  show === 'working' ? { show } : {}
