import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql'
import { type IdKind, kindsOf } from './id-kinds.ts'

/** One place of an operation's arguments that takes an id or a text by which rows are found. */
export type Slot = {
  /** Names from the argument down. */
  path: readonly string[]
  kinds: readonly IdKind[]
  /** Set for a text instead of an id. */
  text: string | null
  isRequired: boolean
}

type Taken = Pick<GraphQLArgument | GraphQLInputField, 'name' | 'type' | 'defaultValue'>

/** Valid values of fields whose type alone does not tell. */
const VALUES: Readonly<Record<string, (nonce: string) => unknown>> = {
  amount: () => '150',
  cashOutFeeBasisPoints: () => 100,
  code: (nonce) => `probe-${nonce}`,
  competition: () => 'Probe League',
  confidence: () => 0.5,
  conversationId: () => 'probe',
  currency: () => 'EUR',
  currentPassword: () => 'not the password',
  data: () => ({ greeting: 'probe' }),
  email: (nonce) => `probe-${nonce}@acme.example`,
  expiresAt: () => '2099-01-01T00:00:00.000Z',
  idempotencyKey: (nonce) => `probe-key-${nonce}`,
  key: () => 'probe.flag',
  limit: () => '5',
  maxPayout: () => '90000',
  maxStake: () => '9000',
  name: (nonce) => `Probe ${nonce}`,
  minStake: () => '100',
  newPassword: () => 'another long enough password',
  odds: () => 2_000,
  outcome: () => 'DONE',
  password: () => 'not the password',
  permissions: () => ['odds:read'],
  priceChange: () => 'ANY',
  purpose: () => 'terms',
  refreshToken: () => `dsr_1.1.${'A'.repeat(43)}`,
  resource: () => 'probe.points',
  rolloutPercent: () => 50,
  scopes: () => ['odds:read'],
  version: () => '1.0',
}

const BY_TYPE: Readonly<Record<string, unknown>> = {
  Boolean: true,
  Int: 1,
  Float: 1,
  BigInt: '1',
  String: 'probe',
  DateTime: '2099-01-01T00:00:00.000Z',
}

const isFilter = (type: GraphQLInputType) => /(Where|Order)$/.test(getNamedType(type).name)
const isRequired = ({ type, defaultValue }: Taken) =>
  isNonNullType(type) && defaultValue === undefined

/** Kinds of things: a value of the enum where it is one. */
const KINDS: readonly string[] = ['MESSAGES', 'terms']

/** How much of what may be absent is filled in. */
export type Fullness = 'required' | 'all'

function sampleOf({ name, type }: Taken, fullness: Fullness, nonce: string): unknown {
  const named = getNamedType(type)
  if (isInputObjectType(named)) return valuesOf(Object.values(named.getFields()), fullness, nonce)
  const fits = (value: unknown) => !isEnumType(named) || named.getValue(String(value)) !== undefined
  const kind = isEnumType(named) ? KINDS[0] : KINDS[1]
  const value = name === 'type' ? kind : VALUES[name]?.(nonce)
  const isFit = value !== undefined && fits(value)
  const single = isFit
    ? value
    : isEnumType(named)
      ? named.getValues()[0]?.name
      : BY_TYPE[named.name]
  const isList = isListType(isNonNullType(type) ? type.ofType : type)
  if (named.name === 'JSONObject' && name !== 'data') return { note: 'probe' }
  return isList && !Array.isArray(single) ? [single] : single
}

/** Valid values for what takes them; ids, pages and conditions are left to the caller. */
export function valuesOf(
  taken: readonly Taken[],
  fullness: Fullness,
  nonce: string,
): Record<string, unknown> {
  const wanted = taken.filter(
    (one) =>
      getNamedType(one.type).name !== 'ID' &&
      !isFilter(one.type) &&
      !/^(before|after|first|last)$/.test(one.name) &&
      (fullness === 'all' || isRequired(one)),
  )
  return Object.fromEntries(wanted.map((one) => [one.name, sampleOf(one, fullness, nonce)]))
}

/** Every place that takes an id, or one of these texts, below these arguments. */
export function slotsOf(
  taken: readonly Taken[],
  owner: string,
  texts: Readonly<Record<string, string>>,
): Slot[] {
  return taken.flatMap((one): Slot[] => {
    const named = getNamedType(one.type)
    if (isFilter(one.type)) return []
    if (isInputObjectType(named)) {
      const inner = slotsOf(Object.values(named.getFields()), owner, texts)
      return inner.map((slot) => ({ ...slot, path: [one.name, ...slot.path] }))
    }
    const slot = { path: [one.name], isRequired: isRequired(one) }
    if (named.name === 'ID') return [{ ...slot, kinds: kindsOf(one.name, owner), text: null }]
    const text = named.name === 'String' ? texts[one.name] : undefined
    return text === undefined ? [] : [{ ...slot, kinds: [], text }]
  })
}

/** The arguments with a value put where a slot is. */
export function withValue(
  values: Readonly<Record<string, unknown>>,
  [name = '', ...rest]: readonly string[],
  value: unknown,
): Record<string, unknown> {
  if (rest.length === 0) return { ...values, [name]: value }
  const inner = (values[name] ?? {}) as Record<string, unknown>
  return { ...values, [name]: withValue(inner, rest, value) }
}
