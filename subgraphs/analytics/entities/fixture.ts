import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

export const FIXTURE_STATUS = ['scheduled', 'finished', 'abandoned'] as const
export type FixtureStatus = (typeof FIXTURE_STATUS)[number]

/** Whether the feed states hours, or a convention made them of days. */
export const FIXTURE_TIMING = ['stated', 'assumed'] as const
export type FixtureTiming = (typeof FIXTURE_TIMING)[number]

const FixtureSchema = defineEntity({
  name: 'Fixture',
  tableName: 'fixtures',
  uniques: [{ name: 'uniq_fixture_source', properties: ['source', 'externalId'] }],
  indexes: [
    { name: 'idx_fixture_start', properties: ['startsAt', 'id'] },
    { name: 'idx_fixture_competition', properties: ['competition', 'id'] },
    { name: 'idx_fixture_status', properties: ['status', 'startsAt'] },
    { name: 'idx_fixture_settlement', properties: ['settlementDueAt', 'id'] },
  ],
  properties: {
    id: idColumn(),
    /** The feed that told of it. */
    source: p.string().length(64),
    /** Its name within the feed. */
    externalId: p.string().length(191),
    /** The run that told of it last: its prices are as alive as that. */
    feedRunId: refColumn().nullable(),
    competition: p.string().length(64),
    season: p.string().length(16).nullable(),
    home: p.string().length(64),
    away: p.string().length(64),
    startsAt: timeColumn(),
    timing: p.string().length(10).$type<FixtureTiming>(),
    /** A replay moved it to another time on purpose. */
    isReplayed: p.boolean(),
    /** Invented by a simulator. */
    isSimulated: p.boolean(),
    status: p.string().length(12).$type<FixtureStatus>(),
    homeGoals: p.integer().nullable(),
    awayGoals: p.integer().nullable(),
    finishedAt: timeColumn().nullable(),
    /** Grows whenever the result becomes known, changes, is abandoned or is taken back. */
    resultVersion: p.integer().default(0),
    /** The version that all bets on it were settled by. */
    settledVersion: p.integer().default(0),
    /** Since when bets wait to be settled by a newer version; null when none do. */
    settlementDueAt: timeColumn().nullable(),
    /** The platform decided the result: the feed changes it no more. */
    isResultFixed: p.boolean().default(false),
    createdAt: timeColumn(),
    updatedAt: timeColumn(),
  },
})

/** A match, as one feed tells of it. */
export class Fixture extends FixtureSchema.class {}
FixtureSchema.setClass(Fixture)
