import { type Chance, canonicalJson, chanceOf } from './chance.ts'

type Json = Record<string, unknown>
type ErrorAt = { message: string; path?: (string | number)[] }
type Answer = { data?: Json | null; errors?: ErrorAt[] }

/** What is asked and what would be answered if all were well. */
export type Afflicted = {
  answer: Json
  /** The question as a text: equal questions meet equal faults. */
  question: string
  variables: Json
}

/** Subgraphs that go wrong, the same way for everybody who asks the same. */
export type Faults = {
  /** Which kinds of faults were inflicted so far. */
  kinds: Set<string>
  /** The answer with what is wrong with it; throws where nothing is answered at all. */
  inflict: (afflicted: Afflicted) => Json
}

/** A place in an answer where something can be put instead. */
type Place = { holder: Json | unknown[]; key: string | number; path: (string | number)[] }

const isObject = (value: unknown): value is Json | unknown[] =>
  typeof value === 'object' && value !== null

function placesIn(value: unknown, path: (string | number)[] = []): Place[] {
  if (!isObject(value)) return []
  const keys: (string | number)[] = Array.isArray(value)
    ? value.map((_item, index) => index)
    : Object.keys(value)
  return keys.flatMap((key) => {
    const at = [...path, key]
    const item = (value as Json)[key]
    return [{ holder: value, key, path: at }, ...placesIn(item, at)]
  })
}

const WRONG: Readonly<Record<string, unknown>> = {
  text: 'neither this nor that',
  'whole number': -7,
  fraction: 0.5,
  boolean: true,
  object: {},
  list: ['x'],
  'empty list': [],
  'unknown type': { __typename: 'Nothing', id: 'nobody' },
  'large number': 2 ** 40,
}
const HOW = [
  'null, told',
  'null, told',
  'null, told',
  'null',
  'null',
  'missing',
  'missing',
  'wrong',
]

/** The type of an object, also by the aliases that random operations give it. */
const TYPE = /^(?:__typename|zz|t\d+)$/

/** Of what kind a value is. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'list'
  return value === null ? 'null' : typeof value
}

function put({ holder, key }: Place, value: unknown): void {
  Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}

/** One thing that goes wrong at a place, and whether it is told. */
function spoil(chance: Chance, place: Place, kinds: Set<string>): { isTold: boolean } {
  const { holder, key } = place
  const how = chance.of(HOW)
  const isGone = how === 'missing' && !Array.isArray(holder)
  if (isGone) delete holder[key]
  if (how.startsWith('null')) put(place, null)
  if (isGone || how.startsWith('null')) {
    kinds.add(TYPE.test(String(key)) ? `${how} for the type` : how)
    return { isTold: how === 'null, told' || (isGone && chance.oneIn(2)) }
  }
  const name = chance.of(Object.keys(WRONG))
  const before = kindOf((holder as Json)[key])
  kinds.add(`${name} for ${TYPE.test(String(key)) ? 'the type' : before}`)
  put(place, structuredClone(WRONG[name]))
  return { isTold: false }
}

function spoilIn(chance: Chance, value: Json, kinds: Set<string>): (string | number)[][] {
  const places = placesIn(value)
  if (places.length === 0) return []
  const place = chance.of(places)
  return spoil(chance, place, kinds).isTold ? [place.path] : []
}

const errorAt = (path: (string | number)[]): ErrorAt => ({ message: 'this went wrong', path })

/** Each entity by itself: whoever asks for it among others gets it as wrong as alone. */
function spoilEntities(
  { seed, kinds }: { seed: string; kinds: Set<string> },
  { answer, question, variables }: Afflicted,
): Answer {
  const { data, errors = [] } = answer as Answer
  const entities = data?._entities
  if (!Array.isArray(entities)) return answer as Answer
  const [words] = question.split(' [')
  const representations = variables.representations as unknown[]
  const told = entities.flatMap((entity: unknown, index) => {
    const chance = chanceOf(`${seed} ${words} ${canonicalJson(representations[index])}`)
    if (!chance.oneIn(3) || !isObject(entity)) return []
    if (chance.oneIn(4)) {
      kinds.add('no entity')
      entities[index] = null
      return chance.oneIn(2) ? [errorAt(['_entities', index])] : []
    }
    return spoilIn(chance, entity as Json, kinds).map((path) =>
      errorAt(['_entities', index, ...path]),
    )
  })
  return { data: data ?? null, ...withErrors([...errors, ...told]) }
}

const withErrors = (errors: ErrorAt[]) => (errors.length > 0 ? { errors } : {})

function spoilRoots(chance: Chance, { answer }: Afflicted, kinds: Set<string>): Answer {
  const { data, errors = [] } = answer as Answer
  if (!data) return answer as Answer
  const times = chance.oneIn(2) ? [1] : [1, 2]
  const told = times.flatMap(() => spoilIn(chance, data, kinds)).map(errorAt)
  return { data, ...withErrors([...errors, ...told]) }
}

function failWholly(chance: Chance): Answer {
  switch (chance.below(4)) {
    case 0:
      throw new Error('nobody answers')
    case 1:
      return { data: null, errors: [{ message: 'all of it went wrong' }] }
    case 2:
      return { errors: [{ message: 'all of it went wrong' }] }
    default:
      return { data: null }
  }
}

/** Faults that a seed decides. */
export function faultsOf(seed: string): Faults {
  const kinds = new Set<string>()
  return {
    kinds,
    inflict: (afflicted) => {
      const chance = chanceOf(`${seed} ${afflicted.question}`)
      if (chance.oneIn(3)) return afflicted.answer
      if (chance.oneIn(8)) {
        kinds.add('nothing')
        return failWholly(chance)
      }
      return afflicted.variables.representations
        ? spoilEntities({ seed, kinds }, afflicted)
        : spoilRoots(chance, afflicted, kinds)
    },
  }
}
