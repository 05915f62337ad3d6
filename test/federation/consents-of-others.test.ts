import { expect, test } from 'vitest'
import { PEOPLE, startPlatform } from '../kit/platform.ts'
import { IDS } from './acme-bets.ts'
import { shown } from './world.ts'

const RECORD = `mutation Record($input: RecordConsentInput!) {
  recordConsent(input: $input) { purpose user { id } tenant { id } } }`
const WITHDRAW = `mutation Withdraw($input: RecordWithdrawalInput!) {
  recordWithdrawal(input: $input) { purpose user { id } } }`

const said = { purpose: 'marketing_email', channel: 'SUPPORT' }
const agreed = { ...said, version: '1.0' }

test('consents are written down of people whom identity knows in the tenant, and of nobody else', async () => {
  await using platform = await startPlatform()
  const admin = await platform.as(PEOPLE.acmeAdmin)
  const operator = await platform.as(PEOPLE.operator)
  // Somebody of Globex, and nobody at all.
  for (const userId of ['5', '4711']) {
    expect(await shown(admin, RECORD, { input: { ...agreed, userId } })).toEqual({
      data: { recordConsent: null },
      refused: ['recordConsent: CONSENT_PERSON_UNKNOWN'],
    })
    expect(await shown(admin, WITHDRAW, { input: { ...said, userId } })).toEqual({
      data: { recordWithdrawal: null },
      refused: ['recordWithdrawal: CONSENT_PERSON_UNKNOWN'],
    })
    const input = { ...agreed, userId, tenantId: '1' }
    expect((await shown(operator, RECORD, { input })).refused).toEqual([
      'recordConsent: CONSENT_PERSON_UNKNOWN',
    ])
  }
  const { member: userId } = IDS
  expect(await shown(admin, RECORD, { input: { ...agreed, userId } })).toEqual({
    data: {
      recordConsent: { purpose: 'marketing_email', user: { id: userId }, tenant: { id: '1' } },
    },
    refused: [],
  })
  const ofGlobex = { ...agreed, userId: '5', tenantId: '2' }
  expect((await shown(operator, RECORD, { input: ofGlobex })).refused).toEqual([])
})
