import type { PlanType, ResetPeriod, TenantStatus } from '../../gql/documents.ts'

/** What a tenant has bought, in words. */
export const PLAN_WORDS = {
  BASIC: 'Basic',
  PROFESSIONAL: 'Professional',
  ENTERPRISE: 'Enterprise',
} as const satisfies Readonly<Record<PlanType, string>>

/** Whether a tenant may go on, in words. */
export const STATUS_WORDS = {
  ACTIVE: 'Active',
  SUSPENDED: 'Suspended',
} as const satisfies Readonly<Record<TenantStatus, string>>

/** When a quota begins anew, in words. */
export const PERIOD_WORDS = {
  NONE: 'Never resets',
  HOURLY: 'Resets each hour',
  DAILY: 'Resets each day',
  MONTHLY: 'Resets each month',
} as const satisfies Readonly<Record<ResetPeriod, string>>

const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' })

/** The day of a point in time, in the reader's own time. */
export const dayText = (at: string): string => DAY.format(new Date(at))

/** The options of a choice, out of its words. */
export const optionsOf = <Value extends string>(words: Readonly<Record<Value, string>>) =>
  (Object.entries(words) as [Value, string][]).map(([value, label]) => ({ value, label }))
