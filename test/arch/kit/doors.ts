import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { EntityClass } from '@mikro-orm/core'
import type { GraphQLSchema } from 'graphql'
import { projectRoot, projectTree } from './tree.ts'

/** What a law needs to know of a subgraph's door. */
export type Door = {
  readonly name: string
  readonly schema: GraphQLSchema
  readonly entities: readonly EntityClass<object>[]
  readonly migrations: { readonly sqlite: string; readonly mysql: string }
}

/** The door of every domain under subgraphs/, by its name; a domain without one is a failure. */
export async function loadDoors(): Promise<ReadonlyMap<string, Door>> {
  const paths = projectTree().paths.filter((path) => /^subgraphs\/[^/]+\/subgraph\.ts$/.test(path))
  if (paths.length === 0) throw new Error('there is no subgraphs/*/subgraph.ts to look at')
  const doors = await Promise.all(paths.map(loadDoor))
  return new Map(doors.map((door) => [door.name, door]))
}

async function loadDoor(path: string): Promise<Door> {
  const module: unknown = await import(pathToFileURL(join(projectRoot, path)).href)
  const door = Object.values(module as Record<string, unknown>).find(isDoor)
  if (!door) throw new Error(`${path} exports no door with name, schema, entities and migrations`)
  return door
}

function isDoor(value: unknown): value is Door {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['name', 'schema', 'entities', 'migrations'].every((property) => property in value)
  )
}
