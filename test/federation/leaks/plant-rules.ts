import type { Ask } from '../../kit/platform.ts'
import { changed, changedOnceHeard, take, untilAnswer } from '../world.ts'
import { textsOf } from './side.ts'

/** Where rules are planted, by somebody who may. */
export type RulePlace = { officer: Ask; guildId: string; marker: string }

/** Alert rules of the guild, and of its tenant where told; deposits raise both. */
export async function plantAlertRules(
  { officer, guildId, marker }: RulePlace,
  isOfTenant: boolean,
): Promise<void> {
  const rule = { action: 'money.*', threshold: 1, windowSeconds: 3_600 }
  const name = `${marker} rule`
  await changedOnceHeard(officer, 'setAlertRule', { ...rule, guildId, name })
  if (isOfTenant) await changed(officer, 'setAlertRule', { ...rule, name: `${name} of all` })
}

/** Waits for the alerts that the planted money raised. */
export async function untilRaised(officer: Ask, name: string): Promise<void> {
  await untilAnswer(
    () => take(officer, '{ alerts(first: 100) { edges { node { ruleName } } } }'),
    (alerts) => JSON.stringify(alerts).includes(name),
  )
}

/** What people said to the assistant. */
export async function plantConversations(
  { officer, guildId, marker }: RulePlace,
  userIds: readonly string[],
): Promise<void> {
  const { conversationId } = textsOf(marker)
  for (const userId of userIds) {
    await changedOnceHeard(officer, 'recordConversationTurn', {
      ...{ userId, guildId, conversationId, messageType: 'TEXT', confidence: 0.5 },
      message: `${marker} asks`,
      response: `${marker} is answered`,
      intent: `${marker}.intent`,
      entities: { of: marker },
    })
  }
}
