import type { AuditOutcome } from '#kernel/audit/audit.ts'
import { holdsCardNumber } from '#kernel/card-numbers.ts'
import { isDecimalId } from '#kernel/ids.ts'
import type { AlertMatch } from '../../entities/alert-rule.ts'
import { complianceError } from '../../errors.ts'

/** A rule as it is asked for; an absent part of the match means any. */
export type RuleInput = {
  name: string
  action?: string | null | undefined
  outcome?: AuditOutcome | null | undefined
  resourceType?: string | null | undefined
  actorId?: string | null | undefined
  threshold: number
  windowSeconds: number
  isActive?: boolean | null | undefined
}

export type RuleFacts = {
  name: string
  match: AlertMatch
  threshold: number
  windowSeconds: number
  isActive: boolean
}

/** Characters that can be seen, on one line. */
const NAME = /^(?=.*\S)[^\p{Cc}\p{Cs}\u2028\u2029]{1,100}$/u
const ACTION = /^[\w.:-]{0,40}\*?$/
const TYPE = /^[\w.:-]{1,40}$/
const MOST_ENTRIES = 1_000
const LONGEST_WINDOW_SECONDS = 86_400

const isBetween = (value: number, highest: number) =>
  Number.isInteger(value) && value >= 1 && value <= highest

const isAbsentOr = (value: string | null, is: (text: string) => boolean) =>
  value === null || is(value)

const isAction = (text: string) => text !== '' && ACTION.test(text) && !holdsCardNumber(text)

const CHECKS: Readonly<Record<string, (rule: RuleFacts) => boolean>> = {
  name: ({ name }) => NAME.test(name) && !holdsCardNumber(name),
  action: ({ match }) => isAbsentOr(match.action, isAction),
  resourceType: ({ match }) =>
    isAbsentOr(match.resourceType, (text) => TYPE.test(text) && !holdsCardNumber(text)),
  actorId: ({ match }) => isAbsentOr(match.actorId, isDecimalId),
  threshold: ({ threshold }) => isBetween(threshold, MOST_ENTRIES),
  windowSeconds: ({ windowSeconds }) => isBetween(windowSeconds, LONGEST_WINDOW_SECONDS),
}

/** @throws ALERT_RULE_INVALID with the field that is not allowed */
export function readRule(input: RuleInput): RuleFacts {
  const { name, threshold, windowSeconds } = input
  const match = {
    action: input.action ?? null,
    outcome: input.outcome ?? null,
    resourceType: input.resourceType ?? null,
    actorId: input.actorId ?? null,
  }
  const rule = { name, match, threshold, windowSeconds, isActive: input.isActive ?? true }
  const broken = Object.entries(CHECKS).find(([, isValid]) => !isValid(rule))
  if (broken) throw complianceError('ALERT_RULE_INVALID', { field: broken[0] })
  return rule
}
