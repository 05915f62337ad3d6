import { fileURLToPath } from 'node:url'
import { PersonKey } from '#kernel/crypto/person-key.ts'
import { createGuildDeliveries } from '#kernel/guilds/guild-deliveries.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import type { Subgraph } from '#kernel/service/subgraph.ts'
import { createContext, createOwnWork } from './context.ts'
import { AiModel } from './entities/ai-model.ts'
import { AiPrediction } from './entities/ai-prediction.ts'
import { ConversationTurn } from './entities/conversation-turn.ts'
import { MatchResult } from './entities/match-result.ts'
import { schema } from './schema.ts'
import { seedDemo } from './seed.ts'
import { AHEAD_PACE, type AheadPace, createAhead } from './services/ahead.ts'
import { openCore } from './services/core.ts'
import { createResultDeliveries } from './services/match-results.ts'
import { COMMITTED_MODEL, type ModelSource } from './services/model-source.ts'
import { createRetention, retentionSchedules } from './services/retention.ts'

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Ai with a model of its own choosing; `ai` is the one with the model of the product. */
export const createAi = (source: ModelSource, pace: AheadPace = AHEAD_PACE): Subgraph => ({
  name: 'ai',
  schema,
  entities: [AiModel, AiPrediction, MatchResult, ConversationTurn, GuildPlace, PersonKey],
  platformRowsVisible: [AiPrediction],
  migrations: {
    sqlite: folder('./migrations/sqlite'),
    mysql: folder('./migrations/mysql'),
  },
  open: async (deps) => {
    const core = await openCore(deps, source)
    const { ratings, scoring } = core
    const ahead = createAhead({ ...deps, pace, open: (signal) => createOwnWork(core, signal) })
    const onStored = () => {
      ratings.forget()
      scoring.wake()
    }
    return {
      createContext: (request) => createContext(core, request),
      inbox: {
        ...createGuildDeliveries(),
        ...createResultDeliveries({ clock: deps.clock, onStored }),
      },
      jobs: createRetention(deps),
      schedules: retentionSchedules,
      start: async () => {
        await core.register()
        scoring.start()
        ahead.start()
        return { stop: async () => void (await Promise.all([scoring.stop(), ahead.stop()])) }
      },
      rewrapKeys: core.rewrapKeys,
      seed: () => seedDemo(core),
    }
  },
})

/** Ai: forecasts of matches, fair prices, the assistant's conversations. */
export const ai: Subgraph = createAi(COMMITTED_MODEL)
