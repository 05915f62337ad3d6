import { createReadLog } from '#kernel/audit/read-log.ts'
import { serviceViewer, type Viewer } from '#kernel/auth/viewer.ts'
import type { RequestContext } from '#kernel/graphql/builder.ts'
import { newId } from '#kernel/ids.ts'
import type { Work } from './services/ahead.ts'
import { type Conversations, createConversations } from './services/conversations.ts'
import type { Core } from './services/core.ts'
import { createFairBets, type FairBets } from './services/fair-bets.ts'
import type { ModelAtHand } from './services/model-source.ts'
import { createModels, type Models } from './services/models.ts'
import { createPredictions, type Predictions } from './services/predictions.ts'
import type { AiRequest } from './services/request.ts'
import { createScorecards, type Scorecards } from './services/scorecards.ts'

export type AiServices = {
  /** The model file of this process. */
  modelAtHand: ModelAtHand
  models: Models
  predictions: Predictions
  scorecards: Scorecards
  fairBets: FairBets
  conversations: Conversations
}

/** What ai's resolvers work with. */
export type AiContext = RequestContext & AiServices

type Asker = { viewer: Viewer; signal: AbortSignal }

function toRequest({ deps }: Core, { viewer, signal }: Asker): AiRequest {
  const { database, clock, audit, services } = deps
  return {
    ...{ viewer, signal, clock, audit, services },
    readLog: createReadLog({ database, audit, viewer }),
    read: () => database.fork(viewer.reach),
    acrossTenants: database.acrossTenants,
  }
}

/** What ai's own work, which nobody asked for, works with until the signal ends it. */
export function createOwnWork(core: Core, signal: AbortSignal): Work {
  const viewer = serviceViewer({
    serviceName: 'ai',
    reach: { kind: 'none' },
    scopes: [],
    requestId: newId(core.deps.randomness),
  })
  const request = toRequest(core, { viewer, signal })
  const models = createModels(request, core)
  return { request, models, predictions: createPredictions(request, { ...core, models }) }
}

/** The capabilities of ai for one asker: loaders are theirs alone. */
export function createContext(core: Core, requestContext: RequestContext): AiContext {
  const request = toRequest(core, requestContext)
  const models = createModels(request, core)
  const predictions = createPredictions(request, { ...core, models })
  return {
    ...requestContext,
    modelAtHand: core.atHand,
    models,
    predictions,
    scorecards: createScorecards(request, models),
    fairBets: createFairBets(request, predictions),
    conversations: createConversations(request, core),
  }
}
