import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isLeafType,
  isNonNullType,
  isObjectType,
} from 'graphql'

/** Types that belong to nobody; what they hold is not followed further. */
const PUBLIC_TYPES = new Set(['Fixture', 'Market', 'Selection', 'OddsQuote'])
const WRAPPER = /(Connection|Edge)$/

const PAGE = '(first: 10)'

type Path = { depth: number; seen: ReadonlySet<string> }

function selectField(field: GraphQLField<unknown, unknown>, path: Path): string {
  const needsArguments = field.args.some((arg) => isNonNullType(arg.type) && !('default' in arg))
  if (needsArguments && field.args.every((arg) => arg.defaultValue === undefined)) return ''
  const type = getNamedType(field.type)
  const page = field.args.some(({ name }) => name === 'first') ? PAGE : ''
  if (isLeafType(type)) return field.name
  if (!isObjectType(type)) return ''
  const inner = selectObject(type, path)
  return inner === '' ? '' : `${field.name}${page} ${inner}`
}

function selectObject(type: GraphQLObjectType, { depth, seen }: Path): string {
  const isWrapper = WRAPPER.test(type.name) || type.name === 'PageInfo'
  if (!isWrapper && (depth === 0 || seen.has(type.name))) return ''
  const inner = isWrapper
    ? { depth, seen }
    : { depth: PUBLIC_TYPES.has(type.name) ? 0 : depth - 1, seen: new Set([...seen, type.name]) }
  const fields = Object.values(type.getFields()).map((field) => selectField(field, inner))
  const selected = fields.filter((field) => field !== '')
  const hasNode = !isWrapper || type.name === 'PageInfo' || selected.some((one) => / \{/.test(one))
  return hasNode && selected.length > 0 ? `{ ${selected.join(' ')} }` : ''
}

/** Everything that can be selected of a type, `depth` objects deep; a type is not entered twice. */
export function selectEverything(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type)
  return isObjectType(named) ? selectObject(named, { depth, seen: new Set() }) : ''
}
