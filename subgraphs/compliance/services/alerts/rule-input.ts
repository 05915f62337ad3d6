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
const ACTION = /^(?:[\w.:-]{1,40}\*?|\*)$/
const TYPE = /^[\w.:-]{1,40}$/
const MOST_ENTRIES = 1_000
const LONGEST_WINDOW_SECONDS = 86_400

const NO_CARD = 'and no payment card number'

const isAbsentOr = (value: string | null, form: RegExp) =>
  value === null || (form.test(value) && !holdsCardNumber(value))

const isBetween = (value: number, highest: number) =>
  Number.isInteger(value) && value >= 1 && value <= highest

type Check = { isValid: (rule: RuleFacts) => boolean; expected: string }

const CHECKS: Readonly<Record<string, Check>> = {
  name: {
    isValid: ({ name }) => isAbsentOr(name, NAME),
    expected: `1 to 100 printable characters on one line, ${NO_CARD}`,
  },
  action: {
    isValid: ({ match }) => isAbsentOr(match.action, ACTION),
    expected: `an action such as role.grant, or its beginning and *: 1 to 40 of A-Z, a-z, 0-9, _, ., : and -, ${NO_CARD}`,
  },
  resourceType: {
    isValid: ({ match }) => isAbsentOr(match.resourceType, TYPE),
    expected: `a type of resource such as role: 1 to 40 of A-Z, a-z, 0-9, _, ., : and -, ${NO_CARD}`,
  },
  actorId: {
    isValid: ({ match }) => match.actorId === null || isDecimalId(match.actorId),
    expected: 'the id of a person, a whole number',
  },
  threshold: {
    isValid: ({ threshold }) => isBetween(threshold, MOST_ENTRIES),
    expected: `a whole number from 1 to ${MOST_ENTRIES}`,
  },
  windowSeconds: {
    isValid: ({ windowSeconds }) => isBetween(windowSeconds, LONGEST_WINDOW_SECONDS),
    expected: `a whole number from 1 to ${LONGEST_WINDOW_SECONDS}`,
  },
}

/** @throws ALERT_RULE_INVALID with the field that is not allowed, and what is expected of it */
export function readRule(input: RuleInput): RuleFacts {
  const { name, threshold, windowSeconds } = input
  const match = {
    action: input.action ?? null,
    outcome: input.outcome ?? null,
    resourceType: input.resourceType ?? null,
    actorId: input.actorId ?? null,
  }
  const rule = { name, match, threshold, windowSeconds, isActive: input.isActive ?? true }
  for (const [field, { isValid, expected }] of Object.entries(CHECKS)) {
    if (!isValid(rule)) throw complianceError('ALERT_RULE_INVALID', { field, expected })
  }
  return rule
}
