import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isObjectType,
} from 'graphql'
import { conditionsOf } from './conditions.ts'
import { selectEverything } from './selections.ts'
import type { ForeignWorld } from './side.ts'
import { type Fullness, type Slot, slotsOf, valuesOf, withValue } from './values.ts'

export const ROOTS = ['Query', 'Mutation', 'Subscription'] as const
export type Root = (typeof ROOTS)[number]

/** A root field with the document that asks for all of it. */
export type RootField = {
  root: Root
  name: string
  document: string
  field: GraphQLField<unknown, unknown>
}

/** One question to try. */
export type Attempt = {
  variables: Readonly<Record<string, unknown>>
  /** True when nothing of one's own can be the answer. */
  isForeignAlone: boolean
}

/** How many objects deep everything is selected, unless told otherwise. */
const DEPTH = 4

function documentFor(root: Root, field: GraphQLField<unknown, unknown>, depth: number): string {
  const declared = field.args.map(({ name, type }) => `$${name}: ${type}`).join(', ')
  const passed = field.args.map(({ name }) => `${name}: $${name}`).join(', ')
  const selection = selectEverything(field.type, depth)
  const [variables, given] = passed === '' ? ['', ''] : [`(${declared})`, `(${passed})`]
  return `${root.toLowerCase()} Try${variables} { ${field.name}${given} ${selection} }`
}

/** Every root field of the schema that clients see. */
export function rootFieldsOf(schema: GraphQLSchema, depth = DEPTH): RootField[] {
  return ROOTS.flatMap((root) =>
    Object.values(schema.getType(root) ? fieldsOf(schema, root) : {}).map((field) => ({
      root,
      name: field.name,
      field,
      document: documentFor(root, field, depth),
    })),
  )
}

function fieldsOf(schema: GraphQLSchema, root: Root) {
  const type = schema.getType(root)
  return isObjectType(type) ? type.getFields() : {}
}

const pageOf = (args: readonly GraphQLArgument[]) =>
  args.some(({ name }) => name === 'first') ? { first: 100 } : {}

let nonces = 0
const nonce = () => `${++nonces}`

/** Values for every other slot: one's own, where one is needed. */
function fillOwn(base: Record<string, unknown>, slots: readonly Slot[], { own }: ForeignWorld) {
  return slots.reduce((values, slot) => {
    if (!slot.isRequired || slot.text !== null) return values
    const id = slot.kinds[0] && own[slot.kinds[0]][0]
    return withValue(values, slot.path, id ?? '1')
  }, base)
}

const foreignValuesOf = (slot: Slot, { foreign }: ForeignWorld): readonly string[] =>
  slot.text === null ? slot.kinds.flatMap((kind) => foreign[kind]) : [slot.text]

/**
 * Whoever keeps rules of a tenant names people by id, whoever they are: what is written is the
 * tenant's own. These are tried for themselves (`namePeople`). Accounts, consents and conversations
 * are of people whom identity knows there: foreign ones are refused like any foreign id.
 */
const NAMES_PEOPLE: Readonly<Record<string, RegExp>> = {
  setAlertRule: /actorId$/,
}

const namesPeople = (field: string, slot: Slot) =>
  NAMES_PEOPLE[field]?.test(slot.path.join('.')) ?? false

/** The arguments with a foreign person in each place of an operation that names people. */
export function namingPeople({ field, name }: RootField, world: ForeignWorld): Attempt[] {
  const slots = slotsOf(field.args, '', {})
  return slots.flatMap((slot) => {
    if (!namesPeople(name, slot)) return []
    const base = fillOwn(valuesOf(field.args, 'required', nonce()), slots, world)
    const variables = world.foreign.user.map((id) => withValue(base, slot.path, id))
    return variables.map((given) => ({ variables: given, isForeignAlone: false }))
  })
}

/** Each place that takes an id or name, with each foreign one, beside own values and beside foreign. */
function slotAttempts(field: GraphQLField<unknown, unknown>, world: ForeignWorld): Attempt[] {
  const owner = getNamedType(field.type).name.replace(/Connection$/, '')
  const slots = slotsOf(field.args, owner, world.texts)
  if (!slots.some((slot) => foreignValuesOf(slot, world).length > 0)) return []
  const attempts = (fullness: Fullness): Attempt[] => {
    const base = () => ({ ...pageOf(field.args), ...valuesOf(field.args, fullness, nonce()) })
    const single = slots.flatMap((slot) => {
      // A name beside one's own tenant is one's own name: no id of another is tried.
      const isOwnName = slot.text !== null && slots.length > 1
      if (isOwnName || namesPeople(field.name, slot)) return []
      return foreignValuesOf(slot, world).map((value) => ({
        variables: withValue(fillOwn(base(), slots, world), slot.path, value),
        isForeignAlone: true,
      }))
    })
    const isById = slots.some(({ kinds }) => kinds.some((kind) => world.foreign[kind].length > 0))
    if (!isById) return single
    const together = slots.reduce<Record<string, unknown>>(
      (values, slot) => {
        const [value] = foreignValuesOf(slot, world)
        return value === undefined ? values : withValue(values, slot.path, value)
      },
      fillOwn(base(), slots, world),
    )
    return [...single, { variables: together, isForeignAlone: true }]
  }
  return [...attempts('required'), ...attempts('all')]
}

function enumValues(args: readonly GraphQLArgument[], name: string, of?: string): string[] {
  const type = getNamedType(args.find((arg) => arg.name === name)?.type)
  const named =
    of && isInputObjectType(type) ? getNamedType(type.getFields()[of]?.type) : (type ?? null)
  return isEnumType(named) ? named.getValues().map((value) => value.name) : []
}

/** Orders and groups to try beside each condition. */
function arrangements(args: readonly GraphQLArgument[]): Record<string, unknown>[] {
  const orders = enumValues(args, 'orderBy', 'field').flatMap((field) =>
    ['ASC', 'DESC'].map((direction) => ({ orderBy: [{ field, direction }] })),
  )
  const groups = enumValues(args, 'groupBy')
  const grouped = groups.length > 0 ? [[], groups, ...groups.map((group) => [group])] : []
  return [...orders, ...grouped.map((groupBy) => ({ groupBy }))]
}

function listAttempts({ args }: GraphQLField<unknown, unknown>, world: ForeignWorld): Attempt[] {
  const filter = getNamedType(args.find(({ name }) => name === 'where')?.type)
  const sides = { ...world, marker: world.belonging.marker }
  const conditions = isInputObjectType(filter) ? conditionsOf(filter, sides) : []
  const ways = arrangements(args)
  const grouped = ways.filter((way) => 'groupBy' in way)
  const page = pageOf(args)
  const plain = grouped.length > 0 ? grouped : [{}]
  return [
    ...conditions.flatMap(({ where, isForeignAlone }) =>
      plain.map((way) => ({ variables: { ...page, ...way, where }, isForeignAlone })),
    ),
    ...ways.map((way) => ({ variables: { ...page, ...way }, isForeignAlone: false })),
  ]
}

/** Places in the foreign tenant's own lists, as its administrator was told them. */
const cursorAttempts = (cursors: readonly string[]): Attempt[] =>
  cursors.flatMap((cursor) => [
    { variables: { first: 100, after: cursor }, isForeignAlone: false },
    { variables: { last: 100, before: cursor }, isForeignAlone: false },
  ])

/** Asked as it is, it would end the asker's own session. */
const NEVER_AS_IT_IS = new Set(['signOut'])

/** All that is tried on one root field; a field that takes nothing is asked as it is. */
export function attemptsOn(
  { field, name }: RootField,
  world: ForeignWorld,
  cursors: readonly string[] = [],
): Attempt[] {
  const plain = { ...pageOf(field.args), ...valuesOf(field.args, 'required', nonce()) }
  const needsIds = slotsOf(field.args, '', {}).some(({ isRequired }) => isRequired)
  const asItIs =
    needsIds || NEVER_AS_IT_IS.has(name) ? [] : [{ variables: plain, isForeignAlone: false }]
  return [
    ...asItIs,
    ...cursorAttempts(cursors),
    ...slotAttempts(field, world),
    ...listAttempts(field, world),
  ]
}
