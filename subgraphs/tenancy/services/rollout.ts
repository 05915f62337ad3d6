import { createHash } from 'node:crypto'
import type { FeatureFlag } from '../entities/feature-flag.ts'

export const FLAG_REASONS = ['unknown', 'disabled', 'everyone', 'included', 'excluded'] as const
export type FlagReason = (typeof FLAG_REASONS)[number]

/** Whether a feature is on for a subject, and why. */
export type FlagEvaluation = {
  key: string
  subject: string
  isOn: boolean
  reason: FlagReason
  /** Where the subject stands, 0 to 99; on below the rollout. Null where no rollout decided. */
  bucket: number | null
  rolloutPercent: number | null
}

/**
 * The subject's fixed place from 0 to 99 for one flag of one tenant. It does not depend on the
 * rollout, so a higher rollout takes the feature from nobody; and it differs between flags, so the
 * same people are not always first.
 */
export function bucketOf(place: { tenantId: string; key: string; subject: string }): number {
  const { tenantId, key, subject } = place
  const digest = createHash('sha256').update(`${tenantId}\n${key}\n${subject}`).digest()
  return digest.readUInt32BE(0) % 100
}

type FlagRule = Pick<FeatureFlag, 'tenantId' | 'key' | 'isEnabled' | 'rolloutPercent'>

/** Decides for one subject; an unknown flag is off. */
export function evaluateRollout(
  flag: FlagRule | null,
  { key, subject }: { key: string; subject: string },
): FlagEvaluation {
  const off = { key, subject, isOn: false, bucket: null, rolloutPercent: null }
  if (!flag) return { ...off, reason: 'unknown' }
  const { rolloutPercent } = flag
  if (!flag.isEnabled) return { ...off, reason: 'disabled', rolloutPercent }
  if (rolloutPercent === 100) {
    return { ...off, isOn: true, reason: 'everyone', rolloutPercent }
  }
  const bucket = bucketOf({ tenantId: flag.tenantId, key, subject })
  const isOn = bucket < rolloutPercent
  return { key, subject, isOn, reason: isOn ? 'included' : 'excluded', bucket, rolloutPercent }
}

/** The reason in a sentence for whoever asks why. */
export function explain({ key, reason, bucket, rolloutPercent }: FlagEvaluation): string {
  switch (reason) {
    case 'unknown':
      return `The tenant has no flag ${key}, so it is off.`
    case 'disabled':
      return `The flag ${key} is disabled for everyone.`
    case 'everyone':
      return `The flag ${key} is enabled for everyone.`
    case 'included':
      return `The subject stands at ${bucket}, below the rollout of ${rolloutPercent} %.`
    case 'excluded':
      return `The subject stands at ${bucket}, not below the rollout of ${rolloutPercent} %.`
  }
}
