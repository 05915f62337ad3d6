import { mkdirSync } from 'node:fs'
import AxeBuilder from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { PEOPLE } from '../kit/platform.ts'
import { openAs, startBrowser, type Visit, visit } from './kit/browser.ts'
import { type ConsolePlatform, startConsolePlatform } from './kit/console-platform.ts'
import { must } from './kit/people.ts'

/** Every page, what of it is there when it has come, and whose it is; `once`: looked at in light alone. */
const PAGES = [
  { name: 'odds', path: '/odds', ready: '[data-fixture]', person: PEOPLE.acmeMember },
  {
    name: 'goals',
    path: '/odds?market=OVER_UNDER',
    ready: '[data-fixture]',
    person: PEOPLE.acmeMember,
    once: true,
  },
  { name: 'fixture', path: '/odds/1', ready: 'canvas', person: PEOPLE.acmeMember },
  { name: 'bets', path: '/bets', ready: '[data-bet]', person: PEOPLE.acmeMember },
  { name: 'security', path: '/security', ready: '[data-event]', person: PEOPLE.operator },
  { name: 'tenants', path: '/tenants', ready: '[data-tenant]', person: PEOPLE.operator },
  {
    name: 'guilds',
    path: '/tenants/1?tab=guilds',
    ready: '[data-guild]',
    person: PEOPLE.acmeAdmin,
  },
  {
    name: 'quotas',
    path: '/tenants/1?tab=quotas',
    ready: '[data-quota]',
    person: PEOPLE.acmeAdmin,
  },
  { name: 'keys', path: '/keys', ready: '[data-key]', person: PEOPLE.acmeAdmin },
  { name: 'playground', path: '/playground', ready: '.cm-content', person: PEOPLE.acmeAdmin },
  { name: 'account', path: '/account', ready: '[data-session]', person: PEOPLE.acmeAdmin },
  {
    name: 'forbidden',
    path: '/security',
    ready: '[data-state=forbidden]',
    person: PEOPLE.acmeMember,
    once: true,
  },
  {
    name: 'not-found',
    path: '/nothing-here',
    ready: '[data-state=empty]',
    person: PEOPLE.acmeMember,
    once: true,
  },
] as const

const LOOKS = [
  { look: 'light', scheme: 'light', width: 1280 },
  { look: 'dark', scheme: 'dark', width: 1280 },
  { look: 'phone', scheme: 'light', width: 390 },
] as const

type Look = (typeof LOOKS)[number]['look']

/** Pictures for whoever reviews the pages; not kept in the repository. */
const PICTURES = 'var/console-pictures'

let world: ConsolePlatform
let browser: Browser

type Slip = {
  me: { accounts: { edges: { node: { id: string } }[] } }
  fixtures: { edges: { node: { markets: { selections: { id: string }[] }[] } }[] }
}

const SLIP = `{
  me { accounts(first: 1) { edges { node { id } } } }
  fixtures(first: 8, where: { status: { eq: SCHEDULED } }) {
    edges { node { markets { selections { id } } } }
  }
}`
const BET = 'mutation ($input: PlaceBetInput!) { placeBet(input: $input) { id } }'
const KEY = 'mutation { createApiKey(input: { name: "Importer", scopes: ["odds:read"] }) { text } }'

/** A bet and a key, so that no page is looked at while it is empty. */
async function fillPages(): Promise<void> {
  await must(await world.platform.as(PEOPLE.acmeAdmin), KEY)
  const member = await world.platform.as(PEOPLE.acmeMember)
  // Prices come some moments after the platform stands, and a fixture may begin while one bets on it.
  const bet = async () => {
    const { me, fixtures } = await must<Slip>(member, SLIP)
    const selectionId = fixtures.edges.at(-1)?.node.markets[0]?.selections[0]?.id
    const { errors } = await member(BET, {
      input: {
        accountId: me.accounts.edges[0]?.node.id,
        stake: { amount: '500', currency: 'EUR' },
        legs: [{ selectionId, odds: 1_010 }],
        priceChange: 'ANY',
        idempotencyKey: crypto.randomUUID(),
      },
    })
    return errors ?? []
  }
  await vi.waitFor(async () => expect(await bet()).toEqual([]), { timeout: 60_000, interval: 500 })
}

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true })
  world = await startConsolePlatform({ ODDS_FEED: 'simulator', ODDS_FEED_INTERVAL_SECONDS: '2' })
  browser = await startBrowser()
  await fillPages()
})

afterAll(async () => {
  await browser?.close()
  await world?.[Symbol.asyncDispose]()
})

/** Dark differs from light in its colours alone, a phone in everything else. */
const axeFor = (page: Page, look: Look) => {
  const axe = new AxeBuilder({ page })
  if (look === 'dark') return axe.withRules(['color-contrast', 'link-in-text-block'])
  return look === 'phone' ? axe.disableRules(['color-contrast']) : axe
}

/** Serious findings of axe, in one line each. */
async function seriousFindings(page: Page, look: Look): Promise<string[]> {
  const { violations } = await axeFor(page, look).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).slice(0, 4)}`)
}

describe.each(LOOKS)('in $look', ({ look, scheme, width }) => {
  /** One browser for each person, signed in once. */
  const guests = new Map<string, Promise<Visit>>()
  const guestAs = (person: (typeof PAGES)[number]['person']): Promise<Visit> => {
    const known = guests.get(person.email)
    if (known) return known
    const signedIn = visit(browser, { ...world, scheme, width }).then(async (guest) => {
      await openAs(guest, '/account', person)
      return guest
    })
    guests.set(person.email, signedIn)
    return signedIn
  }
  afterAll(async () => {
    for (const guest of guests.values()) await (await guest)[Symbol.asyncDispose]()
  })

  test.each(PAGES.filter((shown) => look === 'light' || !('once' in shown)))(
    '$name is accessible, whole, and asks nobody else',
    async (shown) => {
      const guest = await guestAs(shown.person)
      const { page } = guest
      // As by a link of the page: what was loaded stays loaded.
      await page.evaluate(
        (address) => history.pushState(null, '', address),
        `/console${shown.path}`,
      )
      await page.locator(shown.ready).first().waitFor()
      // Nothing moves sideways.
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      await page.screenshot({ path: `${PICTURES}/${shown.name}-${look}.png` })
      const findings = await seriousFindings(page, look)
      const { errors, foreign } = guest.noted
      const noted = { errors: errors.splice(0), foreign: foreign.splice(0) }
      expect(findings).toEqual([])
      expect(overflow).toBe(0)
      expect(noted).toEqual({ errors: [], foreign: [] })
    },
  )

  test('the sign-in is accessible, and says why somebody is asked again', async () => {
    await using guest = await visit(browser, { ...world, scheme, width })
    await guest.page.goto('/console/odds')
    await guest.page.getByLabel('E-mail').waitFor()
    await guest.page.screenshot({ path: `${PICTURES}/sign-in-${look}.png` })
    expect(await seriousFindings(guest.page, look)).toEqual([])
    expect(guest.noted).toEqual({ errors: [], foreign: [] })
  })
})
