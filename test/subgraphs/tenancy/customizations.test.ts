import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contrastRatio } from '#subgraphs/tenancy/services/branding.ts'
import { openSeeded, VIEWERS, without } from './tenancy-kit.ts'

const SET = `mutation Set($input: SetCustomizationInput!) {
  setCustomization(input: $input) {
    type version isActive data
    contrast { textOnBackground { ratio level } primaryOnBackground { ratio level } }
  }
}`
const branding = { primaryColor: '#777777', backgroundColor: '#FFFFFF', textColor: '#000000' }
const brandingOf = (data: object) => ({ input: { tenantId: '1', type: 'BRANDING', data } })

const LIST = `query($history: Boolean!) {
  tenant(id: "1") { customizations(history: $history) { edges { node { type version isActive } } } }
}`

test('new branding comes into force as the next version, with its contrast', async () => {
  await using world = await openSeeded()
  const ask = world.as('acmeAdmin')
  const { data } = await ask(SET, brandingOf(branding))
  expect(data.setCustomization).toEqual({
    type: 'BRANDING',
    version: 2,
    isActive: true,
    data: branding,
    contrast: {
      textOnBackground: { ratio: 21, level: 'AAA' },
      primaryOnBackground: { ratio: 4.47, level: 'AA_LARGE' },
    },
  })
  const versions = async (history: boolean) =>
    (await ask(LIST, { history })).data.tenant.customizations.edges.map(
      ({ node }: { node: { version: number; isActive: boolean } }) => [node.version, node.isActive],
    )
  expect(await versions(false)).toEqual([[2, true]])
  expect(await versions(true)).toEqual([
    [1, false],
    [2, true],
  ])
})

test('branding is set by its tenant alone, with the scope and not from within a guild', async () => {
  await using world = await openSeeded()
  const input = brandingOf(branding)
  expect((await world.as('globexAdmin')(SET, input)).codes).toEqual(['TENANT_NOT_FOUND'])
  expect((await world.as('acmeGuildAdmin')(SET, input)).codes).toEqual(['TENANT_WIDE'])
  const scopeless = without(VIEWERS.acmeAdmin, 'customizations:write')
  expect((await world.as(scopeless)(SET, input)).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
})

test.each([
  ['data.primaryColor', { ...branding, primaryColor: 'red' }],
  ['data.textColor', { ...branding, textColor: '#12345' }],
  ['data.logoUrl', { ...branding, logoUrl: 'javascript:alert(1)' }],
  ['data', { ...branding, css: 'body{}' }],
])('branding with a wrong %s is refused', async (field, data) => {
  await using world = await openSeeded()
  const { codes, details } = await world.as('acmeAdmin')(SET, brandingOf(data))
  expect(codes).toEqual(['TENANCY_INPUT_INVALID'])
  expect(details[0]).toMatchObject({ field })
})

test('locale and messages are checked by their own rules', async () => {
  await using world = await openSeeded()
  const set = async (type: string, data: object) =>
    (await world.as('acmeAdmin')(SET, { input: { tenantId: '1', type, data } })).codes
  expect(await set('LOCALE', { language: 'de-AT', timeZone: 'Europe/Vienna' })).toEqual([])
  expect(await set('LOCALE', { language: 'no such', timeZone: 'Europe/Vienna' })).toHaveLength(1)
  expect(await set('LOCALE', { language: 'de', timeZone: 'Mars/Base' })).toHaveLength(1)
  expect(await set('MESSAGES', { 'welcome.title': 'Servus' })).toEqual([])
  expect(await set('MESSAGES', { '<script>': 'x' })).toEqual(['TENANCY_INPUT_INVALID'])
})

const colour = fc
  .integer({ min: 0, max: 0xffffff })
  .map((value) => `#${value.toString(16).padStart(6, '0')}`)

test('a contrast lies between 1 and 21 and is the same both ways', () => {
  fc.assert(
    fc.property(colour, colour, (one, other) => {
      const ratio = contrastRatio(one, other)
      expect(ratio).toBeGreaterThanOrEqual(1)
      expect(ratio).toBeLessThanOrEqual(21)
      expect(contrastRatio(other, one)).toBe(ratio)
      expect(contrastRatio(one, one)).toBe(1)
    }),
  )
})
