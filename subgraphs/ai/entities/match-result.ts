import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const MatchResultSchema = defineEntity({
  name: 'MatchResult',
  tableName: 'match_results',
  indexes: [
    { name: 'idx_result_rated', properties: ['isRated', 'playedAt', 'id'] },
    { name: 'idx_result_change', properties: ['isRated', 'updatedAt', 'id'] },
    { name: 'idx_result_unscored', properties: ['isScoringDue', 'id'] },
    { name: 'idx_result_age', properties: ['isSimulated', 'updatedAt'] },
  ],
  properties: {
    id: idColumn(),
    fixtureId: refColumn().unique(),
    competition: p.string().length(64),
    home: p.string().length(64),
    away: p.string().length(64),
    /** Null when the match was abandoned, or its result taken back. */
    homeGoals: p.integer().nullable(),
    awayGoals: p.integer().nullable(),
    /** Kick-off. */
    playedAt: timeColumn(),
    isSimulated: p.boolean(),
    /** The ratings learn from it: not from invented matches, nor from old ones that are replayed. */
    isRated: p.boolean(),
    /** Of what analytics told of this fixture the largest version stands. */
    resultVersion: p.integer(),
    /** Its predictions are not all scored by this version yet. */
    isScoringDue: p.boolean(),
    updatedAt: timeColumn(),
  },
})

/** How a fixture ended, as analytics last delivered it. */
export class MatchResult extends MatchResultSchema.class {}
MatchResultSchema.setClass(MatchResult)
