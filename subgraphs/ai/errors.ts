import { defineErrors } from '#kernel/errors.ts'

/** Every refusal of the ai subgraph. */
export const aiError = defineErrors({
  CONVERSATION_CARD_REFUSED: 'A conversation may not hold a card number: leave it out.',
  CONVERSATION_GUILD_FOREIGN: 'Your rights do not lie in this guild, or it is not of this tenant.',
  CONVERSATION_INVALID: 'A part of the conversation is missing, too long or not in its format.',
  CONVERSATION_PERSON_UNKNOWN:
    'Identity knows no such person at this place, or none that you may see.',
  CONVERSATION_TENANT_REQUIRED: 'Say for which tenant: your rights lie in no single one.',
  FIXTURE_WITHOUT_HISTORY:
    'The model has too little history of these teams, or has never seen their leagues compared.',
  MARKET_PROBABILITIES_INVALID:
    'Market probabilities lie between 0 and 1 without the margin, and the outcomes sum to one.',
  MODEL_BELOW_BASELINE: 'The model does not beat its baseline, so it may not make predictions.',
  MODEL_FILE_ALTERED: 'The model file is not the one that was trained: its digest differs.',
  MODEL_FILE_INVALID: 'The model file is not in the format of this version.',
  MODEL_NOT_FOUND: 'No model has this id.',
  MODEL_UNAVAILABLE: 'No model makes predictions at the moment.',
  MODELS_PLATFORM_ONLY: 'Models serve all tenants: only the platform activates and retires them.',
  RESULT_DELIVERY_INVALID: 'A delivery of another service does not say how a fixture ended.',
  TEAM_UNKNOWN: 'The model has never seen a result of this team.',
})
