import { Anchor, Button, Stack, Text, TextInput, UnstyledButton } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import type { GraphQLSchema } from 'graphql'
import { useEffect, useMemo, useState } from 'react'
import { EmptyState, SkeletonRows } from '../../../parts/states.tsx'
import type { SchemaState } from '../schema-of.ts'
import classes from './explorer.module.css'
import { find } from './found.ts'
import { type ShowType, TypeView } from './type-view.tsx'

export type SchemaExplorerProps = {
  state: SchemaState & { again: () => void }
  /** The type that is shown; null for the roots. */
  type: string | null
  onShow: (name: string | null) => void
}

/** What can be asked: search, types with their fields, and the way back. */
export function SchemaExplorer({ state, type, onShow }: SchemaExplorerProps) {
  switch (state.kind) {
    case 'off':
      return (
        <EmptyState title="The schema is not told here">
          Introspection is switched off on this gateway. Operations run all the same, without
          completion.
        </EmptyState>
      )
    case 'refused':
      return (
        <EmptyState
          title="The schema could not be read"
          action={
            <Button variant="default" onClick={state.again}>
              Try again
            </Button>
          }
        >
          {state.why}
        </EmptyState>
      )
    case 'loading':
      return <SkeletonRows rows={6} height={40} />
    default:
      return <Explorer schema={state.schema} type={type} onShow={onShow} />
  }
}

type ExplorerProps = Omit<SchemaExplorerProps, 'state'> & { schema: GraphQLSchema }

function Explorer({ schema, type, onShow }: ExplorerProps) {
  const [text, setText] = useState('')
  const shown = type === null ? null : (schema.getType(type) ?? null)
  const show = (name: string | null) => {
    setText('')
    onShow(name)
  }
  return (
    <Stack gap="sm" p="sm">
      <TextInput
        aria-label="Search types and fields"
        placeholder="Search types and fields"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {text.trim() === '' ? (
        <>
          <Crumbs type={shown?.name ?? null} onShow={show} />
          {shown ? (
            <TypeView schema={schema} type={shown} onShow={show} />
          ) : (
            <Roots schema={schema} onShow={show} />
          )}
        </>
      ) : (
        <Hits schema={schema} text={text} onShow={show} />
      )}
    </Stack>
  )
}

const LONGEST_TRAIL = 6

/** The way back: the types that were looked at before this one. */
function Crumbs({ type, onShow }: { type: string | null; onShow: (name: string | null) => void }) {
  const [trail, setTrail] = useState<readonly string[]>([])
  useEffect(() => {
    setTrail((before) => {
      if (type === null) return []
      const place = before.indexOf(type)
      return place < 0 ? [...before, type].slice(-LONGEST_TRAIL) : before.slice(0, place + 1)
    })
  }, [type])
  return (
    <nav aria-label="Way back">
      <ol className={classes.crumbs}>
        <li>
          <Crumb name="Schema" isHere={type === null} onClick={() => onShow(null)} />
        </li>
        {trail.map((name) => (
          <li key={name}>
            <Crumb name={name} isHere={name === type} onClick={() => onShow(name)} />
          </li>
        ))}
      </ol>
    </nav>
  )
}

type CrumbProps = { name: string; isHere: boolean; onClick: () => void }

function Crumb({ name, isHere, onClick }: CrumbProps) {
  if (isHere) return <strong aria-current="location">{name}</strong>
  return (
    <Anchor component="button" type="button" size="sm" onClick={onClick}>
      {name}
    </Anchor>
  )
}

function Roots({ schema, onShow }: { schema: GraphQLSchema; onShow: ShowType }) {
  const roots = [
    { type: schema.getQueryType(), about: 'What can be asked.' },
    { type: schema.getMutationType(), about: 'What can be changed.' },
    { type: schema.getSubscriptionType(), about: 'What can be followed live.' },
  ]
  return (
    <div>
      {roots.map(({ type, about }) =>
        type ? (
          <Hit key={type.name} title={type.name} about={about} onClick={() => onShow(type.name)} />
        ) : null,
      )}
    </div>
  )
}

function Hits(props: { schema: GraphQLSchema; text: string; onShow: ShowType }) {
  const { schema, text, onShow } = props
  const { found, isWhole } = useMemo(() => find(schema, text), [schema, text])
  return (
    <div>
      {found.length === 0 ? (
        <Text size="sm" className="quiet">
          Nothing in the schema is called so.
        </Text>
      ) : null}
      {found.map(({ type, field, about }) => (
        <Hit
          key={`${type}.${field ?? ''}`}
          title={field === null ? type : `${type}.${field}`}
          about={about}
          onClick={() => onShow(type)}
        />
      ))}
      {isWhole ? null : (
        <Text size="sm" className="quiet" p="xs">
          There are more; write more of the name.
        </Text>
      )}
    </div>
  )
}

function Hit({ title, about, onClick }: { title: string; about: string; onClick: () => void }) {
  return (
    <UnstyledButton className={classes.hit} onClick={onClick}>
      <code className={classes.name}>{title}</code>
      <Text size="sm" className="quiet" component="span" title={about}>
        {about}
      </Text>
    </UnstyledButton>
  )
}
