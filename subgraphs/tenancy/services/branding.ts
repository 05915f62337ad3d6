import { z } from 'zod'
import { invalidInput } from './inputs.ts'

const colour = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'a colour as #rrggbb')
const httpsUrl = z
  .string()
  .max(500)
  .refine(
    (text) => URL.canParse(text) && new URL(text).protocol === 'https:',
    'an https:// address',
  )

const brandingSchema = z.strictObject({
  primaryColor: colour,
  backgroundColor: colour,
  textColor: colour,
  displayName: z.string().trim().min(1).max(100).optional(),
  logoUrl: httpsUrl.optional(),
})

const isLanguage = (text: string) => {
  try {
    return Intl.getCanonicalLocales(text).length === 1
  } catch (failure) {
    if (failure instanceof RangeError) return false
    throw failure
  }
}
const timeZones = new Set([...Intl.supportedValuesOf('timeZone'), 'UTC'])

const localeSchema = z.strictObject({
  language: z.string().max(35).refine(isLanguage, 'a language tag of BCP 47, such as de-AT'),
  timeZone: z.string().refine((text) => timeZones.has(text), 'a time zone such as Europe/Vienna'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'three capital letters of ISO 4217')
    .optional(),
})

const MOST_MESSAGES = 200
const messagesSchema = z
  .record(z.string().regex(/^[a-z][A-Za-z0-9_.]{0,79}$/), z.string().min(1).max(500))
  .refine((messages) => Object.keys(messages).length <= MOST_MESSAGES, 'at most 200 messages')

const SCHEMAS = {
  branding: brandingSchema,
  messages: messagesSchema,
  locale: localeSchema,
} as const

export type Branding = z.infer<typeof brandingSchema>
type JsonRecord = Readonly<Record<string, unknown>>

/** The data of a customization, checked against its type. @throws TENANCY_INPUT_INVALID */
export function checkCustomization(type: keyof typeof SCHEMAS, input: JsonRecord): JsonRecord {
  const result = SCHEMAS[type].safeParse(input)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw invalidInput(['data', ...(issue?.path ?? [])].join('.'), issue?.message ?? 'other data')
}

/** @throws TENANCY_INPUT_INVALID */
export function checkBranding(input: JsonRecord): JsonRecord {
  return checkCustomization('branding', input)
}

/** Relative luminance of `#rrggbb`, 0 to 1 (WCAG 2.2). */
function luminance(hexColour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hexColour.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Contrast ratio of two colours, 1 to 21 (WCAG 2.2, success criterion 1.4.3). */
export function contrastRatio(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

export const CONTRAST_LEVELS = ['AAA', 'AA', 'AA_LARGE', 'FAILS'] as const
export type ContrastLevel = (typeof CONTRAST_LEVELS)[number]

export type Contrast = { ratio: number; level: ContrastLevel }

/** What a ratio is enough for: all text at 7 and 4.5, large text alone at 3. */
function levelOf(ratio: number): ContrastLevel {
  if (ratio >= 7) return 'AAA'
  if (ratio >= 4.5) return 'AA'
  return ratio >= 3 ? 'AA_LARGE' : 'FAILS'
}

export type ContrastReport = { textOnBackground: Contrast; primaryOnBackground: Contrast }

/** How readable a branding is; null for data that is none. */
export function contrastOf(input: JsonRecord): ContrastReport | null {
  const { data: branding } = brandingSchema.safeParse(input)
  if (!branding) return null
  const against = (colourText: string): Contrast => {
    const ratio = contrastRatio(colourText, branding.backgroundColor)
    // Rounded down, so that no figure shown promises a level that is missed.
    return { ratio: Math.floor(ratio * 100) / 100, level: levelOf(ratio) }
  }
  return {
    textOnBackground: against(branding.textColor),
    primaryOnBackground: against(branding.primaryColor),
  }
}
