import { type EditorView, hoverTooltip, type Tooltip } from '@codemirror/view'
import { getSchema } from 'cm6-graphql'
import {
  type ASTNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'

/** What the schema says of one place in a document. */
type Told = { title: string; description: string; deprecation: string; from: number; to: number }

const isAt = ({ loc }: ASTNode, position: number) =>
  loc !== undefined && loc.start <= position && position <= loc.end

function toldOf(info: TypeInfo, node: ASTNode): Omit<Told, 'from' | 'to'> | null {
  if (node.kind === Kind.FIELD) {
    const field = info.getFieldDef()
    const parent = info.getParentType()
    if (!field) return null
    return {
      title: `${parent?.name ?? ''}.${field.name}: ${field.type}`,
      description: field.description ?? '',
      deprecation: field.deprecationReason ?? '',
    }
  }
  if (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD) {
    const argument = node.kind === Kind.ARGUMENT ? info.getArgument() : null
    const type = argument?.type ?? info.getInputType()
    if (!type) return null
    const description = argument?.description ?? ''
    return { title: `${node.name.value}: ${type}`, description, deprecation: '' }
  }
  return null
}

/** Finds what stands at a position; nothing while the document cannot be read. */
function toldAt(schema: GraphQLSchema, text: string, position: number): Told | null {
  const info = new TypeInfo(schema)
  let found: Told | null = null
  try {
    visit(
      parse(text),
      visitWithTypeInfo(info, {
        enter(node) {
          if (!('name' in node) || !node.name?.loc || !isAt(node.name, position)) return
          const told = toldOf(info, node)
          if (told) found = { ...told, from: node.name.loc.start, to: node.name.loc.end }
        },
      }),
    )
  } catch (failure) {
    if (!(failure instanceof GraphQLError)) throw failure
  }
  return found
}

function element(name: string, text: string): HTMLElement {
  const made = document.createElement(name)
  made.textContent = text
  return made
}

function tooltip(view: EditorView, position: number): Tooltip | null {
  const schema = getSchema(view.state)
  const told = schema ? toldAt(schema, view.state.doc.toString(), position) : null
  if (!told) return null
  return {
    pos: told.from,
    end: told.to,
    above: true,
    create() {
      const dom = document.createElement('div')
      dom.className = 'cm-doc'
      dom.append(element('code', told.title))
      if (told.description) dom.append(element('div', told.description))
      if (told.deprecation) dom.append(element('div', `Deprecated: ${told.deprecation}`))
      return { dom }
    },
  }
}

/** Says what a field or an argument is to whoever points at it. */
export const hoverDocs = hoverTooltip(tooltip, { hideOnChange: true })
