import { GUILD } from '../bets-players.ts'
import { act, idOf, type Made, type Maker, type Makers, nodesOf, see } from './maker.ts'
import { createStock } from './stock.ts'
import { createRound, type World } from './world.ts'

/** Models, predictions, conversations. */
export function aiMakers({ operator, players, serial, ask, repeat }: World): Makers {
  const player = createRound(players)
  const models = createStock<string>('models', async () => {
    const keep = (made: Made) => models.putAll(nodesOf(made).map(idOf))
    await ask('aiModels', { ...see(operator), keep })
  })
  const needsModel = { prepare: () => models.fill(1) }
  const change = () => act(operator, { id: models.all[0] })
  const recordConversationTurn: Maker = {
    ask: () => {
      const turn = {
        conversationId: `talk-${serial()}`,
        messageType: 'TEXT',
        message: 'Who plays?',
      }
      const place = { userId: player().userId, guildId: GUILD }
      return act(operator, { ...place, ...turn, response: 'Ambermoor, at three.' })
    },
  }
  return {
    recordConversationTurn,
    conversations: {
      prepare: () => repeat('recordConversationTurn', recordConversationTurn, players.length),
      ask: () => see(player()),
    },
    aiModel: { ...needsModel, ask: () => see(operator, { id: models.next() }) },
    aiModels: { ask: () => see(operator) },
    modelFile: { ask: () => see(operator) },
    modelScorecard: { ...needsModel, ask: () => see(operator, { modelId: models.next() }) },
    // There is one model: each change has to be taken back before the next.
    retireModel: {
      ...needsModel,
      ask: () => ({ ...change(), before: { root: 'activateModel', ...change() } }),
    },
    activateModel: {
      ...needsModel,
      ask: () => ({ ...change(), before: { root: 'retireModel', ...change() } }),
    },
    predictions: { ask: () => see(operator) },
    predictionAggregates: { ask: () => see(operator, { groupBy: ['BASIS'] }) },
  }
}
