import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, timeColumn } from '../db/columns.ts'

export const JOB_STATUS = ['queued', 'running', 'done', 'failed', 'cancelled'] as const
export type JobStatus = (typeof JOB_STATUS)[number]

const JobSchema = defineEntity({
  name: 'Job',
  tableName: 'jobs',
  indexes: [{ properties: ['status', 'runAt'] }, { properties: ['status', 'leaseUntil'] }],
  properties: {
    id: idColumn(),
    kind: p.string().length(60),
    /** Never personal data: ids only. */
    payload: p.json<unknown>(),
    status: p.string().length(10).$type<JobStatus>(),
    runAt: timeColumn(),
    /** Until then nobody else may run it. */
    leaseUntil: timeColumn().nullable(),
    /** Names one claim, of one job or several, not one process: a lost lease can change nothing. */
    leaseOwner: p.string().length(22).nullable(),
    attempts: p.integer(),
    maxAttempts: p.integer(),
    /** A code or the name of an error's class, never its message. */
    lastError: p.string().length(100).nullable(),
    progressDone: p.bigint('number').unsigned(false).nullable(),
    progressTotal: p.bigint('number').unsigned(false).nullable(),
    cancelRequested: p.boolean(),
    uniqueKey: p.string().length(190).nullable().unique(),
    createdAt: timeColumn(),
    finishedAt: timeColumn().nullable(),
  },
})

/** Work to be done outside a request, at least once. */
export class Job extends JobSchema.class {}
JobSchema.setClass(Job)
