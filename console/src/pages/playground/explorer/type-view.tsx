import { Anchor, Badge, Stack, Text, Title } from '@mantine/core'
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
} from 'graphql'
import classes from './explorer.module.css'

/** Leads to another type. */
export type ShowType = (name: string) => void

function kindOf(type: GraphQLNamedType): string {
  if (isObjectType(type)) return 'type'
  if (isInputObjectType(type)) return 'input'
  if (isInterfaceType(type)) return 'interface'
  if (isEnumType(type)) return 'enum'
  return isScalarType(type) ? 'scalar' : 'union'
}

/** One type: what it is, its fields, its values, and what stands for it. */
export function TypeView({
  schema,
  type,
  onShow,
}: {
  schema: GraphQLSchema
  type: GraphQLNamedType
  onShow: ShowType
}) {
  const hasFields = isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
  const fields = hasFields ? Object.values(type.getFields()) : []
  const members = isAbstractType(type) ? schema.getPossibleTypes(type) : []
  const interfaces = isObjectType(type) || isInterfaceType(type) ? type.getInterfaces() : []
  return (
    <Stack gap="xs" data-type={type.name}>
      <div>
        <Title order={3} className={classes.name}>
          {type.name} <span className="quiet">{kindOf(type)}</span>
        </Title>
        <Text size="sm" className="quiet">
          {type.description}
        </Text>
      </div>
      <Others title="Implements" types={interfaces} onShow={onShow} />
      <Others title="One of" types={members} onShow={onShow} />
      {fields.length > 0 ? (
        <ul className={classes.list}>
          {fields.map((field) => (
            <FieldView key={field.name} field={field} onShow={onShow} />
          ))}
        </ul>
      ) : null}
      {isEnumType(type) ? (
        <ul className={classes.list}>
          {type.getValues().map(({ name, description, deprecationReason }) => (
            <li key={name}>
              <code className={classes.name}>{name}</code>
              <Words about={description} deprecation={deprecationReason} />
            </li>
          ))}
        </ul>
      ) : null}
    </Stack>
  )
}

function Others(props: { title: string; types: readonly GraphQLNamedType[]; onShow: ShowType }) {
  const { title, types, onShow } = props
  if (types.length === 0) return null
  return (
    <Text size="sm">
      {`${title} `}
      {types.map((type, place) => (
        <span key={type.name}>
          {place > 0 ? ', ' : ''}
          <TypeLink type={type} onShow={onShow} />
        </span>
      ))}
    </Text>
  )
}

function TypeLink({ type, onShow }: { type: GraphQLType; onShow: ShowType }) {
  const { name } = getNamedType(type)
  const [before = '', after = ''] = String(type).split(name)
  return (
    <code className={classes.type}>
      {before}
      <Anchor component="button" type="button" inherit onClick={() => onShow(name)}>
        {name}
      </Anchor>
      {after}
    </code>
  )
}

type AnyField = GraphQLField<unknown, unknown> | GraphQLInputField

function FieldView({ field, onShow }: { field: AnyField; onShow: ShowType }) {
  const args = 'args' in field ? field.args : []
  return (
    <li data-field={field.name}>
      <div>
        <code className={classes.name}>{field.name}</code>
        <code>: </code>
        <TypeLink type={field.type} onShow={onShow} />
      </div>
      <Words about={field.description} deprecation={field.deprecationReason} />
      {args.length > 0 ? (
        <ul className={classes.args} aria-label={`Arguments of ${field.name}`}>
          {args.map((argument) => (
            <ArgumentView key={argument.name} argument={argument} onShow={onShow} />
          ))}
        </ul>
      ) : null}
    </li>
  )
}

function ArgumentView({ argument, onShow }: { argument: GraphQLArgument; onShow: ShowType }) {
  const { name, type, defaultValue, description } = argument
  return (
    <li>
      <code className={classes.argument}>{name}</code>
      <code>: </code>
      <TypeLink type={type} onShow={onShow} />
      {defaultValue === undefined ? null : <code>{` = ${JSON.stringify(defaultValue)}`}</code>}
      {description ? <span className="quiet">{` ${description}`}</span> : null}
    </li>
  )
}

type WordsProps = { about: string | null | undefined; deprecation: string | null | undefined }

function Words({ about, deprecation }: WordsProps) {
  return (
    <>
      {about ? (
        <Text size="sm" className="quiet">
          {about}
        </Text>
      ) : null}
      {deprecation ? (
        <Text size="sm">
          <Badge color="yellow" variant="light" tt="none" fz={12}>
            Deprecated
          </Badge>{' '}
          {deprecation}
        </Text>
      ) : null}
    </>
  )
}
