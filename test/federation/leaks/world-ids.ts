import type { TestPlatform } from '../../kit/platform.ts'
import { ID_KINDS, type IdKind, type IdsOfKinds } from './id-kinds.ts'
import { idsAbout } from './row-dump.ts'
import type { ForeignWorld } from './side.ts'

// The list of kinds makes the keys.
const idsOfKinds = (idsOf: (kind: IdKind) => readonly string[]) =>
  Object.fromEntries(ID_KINDS.map((kind) => [kind, idsOf(kind)])) as unknown as IdsOfKinds

export const noIds = (): IdsOfKinds => idsOfKinds(() => [])

export type Planting = {
  /** Ids from which all the others are found. */
  known: Partial<IdsOfKinds>
  facts: Omit<ForeignWorld, 'foreign' | 'belonging'>
  marker: string
  /** Foreign rows are numbered from here. */
  firstId: number
}

/** Most ids of a kind that are tried: the first and the last of many. */
const MOST_IDS = 4

const ends = (ids: readonly string[]) =>
  ids.length <= MOST_IDS ? ids : [...ids.slice(0, MOST_IDS / 2), ...ids.slice(-MOST_IDS / 2)]

/** The side of the border that was planted, with the ids of all its rows. */
export async function worldOf(
  platform: TestPlatform,
  { known, facts, marker, firstId }: Planting,
): Promise<ForeignWorld> {
  const first = Object.values(known).flat()
  const rows = await idsAbout(platform.local.platform, { ids: new Set(first), marker })
  const numbered = rows.filter(({ id }) => Number(id) >= firstId)
  const belonging = { ids: new Set([...first, ...numbered.map(({ id }) => id)]), marker }
  const foreign = idsOfKinds((kind) => {
    // The audit log counts its entries over all tenants: their ids are like those of others.
    const found = kind === 'auditLog' ? rows : numbered
    return known[kind] ?? ends(found.filter((one) => one.kind === kind).map(({ id }) => id))
  })
  return { ...facts, belonging, foreign }
}
