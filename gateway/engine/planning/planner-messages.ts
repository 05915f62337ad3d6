/** What a planning process is asked; it answers one question after the other. */
export type PlannerQuestion =
  | { kind: 'load'; sdl: string }
  | ({ kind: 'plan' } & PlanTerms & PlannableOperation)

/** How it is planned: labels of progressive overrides that are on, and how large a plan may be. */
export type PlanTerms = { overrideLabels: readonly string[]; mostCharacters: number }

/** What is planned: a document that was filtered, and which operation of it. */
export type PlannableOperation = { text: string; operationName: string | null }

/** What a planning process answers; a plan travels as JSON, so that its size is known. */
export type PlannerAnswer =
  | { kind: 'loaded' }
  | { kind: 'planned'; plan: string }
  | { kind: 'refused'; refusal: PlannerRefusal; reason: string }

/** Why there is no plan: the SDL or the operation cannot be planned, or the plan is too large. */
export type PlannerRefusal = 'not loadable' | 'not plannable' | 'too large'
