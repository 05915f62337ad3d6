import type { Randomness } from '../ids.ts'
import { cryptoError } from './errors.ts'
import type { OperatorKey, OperatorKeys } from './operator-key.ts'
import type { PersonKeyRow } from './person-key-store.ts'
import { sealText, unsealText } from './sealed-box.ts'

const sealOf = (operatorKey: OperatorKey, personId: string) => ({
  format: 'w1',
  key: operatorKey.key,
  associated: `dbsbm:person-key:${operatorKey.version}:${personId}`,
})

/** The row of a person key wrapped under an operator key; the wrapping is bound to both. */
export function wrapPersonKey(
  wrapping: { operatorKey: OperatorKey; randomness: Randomness },
  person: { personId: string; key: Buffer },
): PersonKeyRow {
  const { operatorKey, randomness } = wrapping
  return {
    personId: person.personId,
    keyVersion: operatorKey.version,
    wrappedKey: sealText(sealOf(operatorKey, person.personId), person.key, randomness),
  }
}

/** The key of a row. Throws PERSON_KEY_MISSING, OPERATOR_KEY_UNKNOWN or PERSON_KEY_UNREADABLE. */
export function unwrapPersonKey(operatorKeys: OperatorKeys, row: PersonKeyRow): Buffer {
  if (row.wrappedKey === null) throw cryptoError('PERSON_KEY_MISSING')
  const operatorKey = operatorKeys.byVersion(row.keyVersion)
  const key = unsealText(sealOf(operatorKey, row.personId), row.wrappedKey)
  if (key?.length !== 32) throw cryptoError('PERSON_KEY_UNREADABLE', { version: row.keyVersion })
  return key
}
