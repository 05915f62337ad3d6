import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALTERATIONS, alterAndVerify, COLUMNS, type Copy, openCopy } from './alterations.ts'
import { append, openAudit, recordOf, verify, type World } from './audit-kit.ts'

const ENTRIES = 24

/** Entries of three chains, of every kind of actor, with and without client, guild and id. */
export async function fillLog(world: World, entries = ENTRIES): Promise<void> {
  const client = { ip: '203.0.113.9', userAgent: 'curl/8' }
  const records = Array.from({ length: entries }, (_, index) => [
    recordOf({
      userId: index % 4 === 3 ? null : String(7 + (index % 3)),
      client: index % 2 === 0 ? client : null,
      guildId: index % 3 === 0 ? '81384788765712384' : null,
      resource: { type: 'bet', id: index % 5 === 0 ? 'all' : String(index + 1) },
      details: { stake: index, note: `n-${index}` },
    }),
    recordOf({ tenantId: index % 2 === 0 ? '2' : null }),
  ])
  await append(world, records.flat())
}

/** The alterations on one engine; `runs` random ones beside every kind at both ends. */
export function describeAlterations(
  name: string,
  { open, runs }: { open: () => Promise<World & AsyncDisposable>; runs: number },
): void {
  describe(`an audit log altered behind the back, ${name}`, () => {
    const withCopy = async (work: (copy: Copy) => Promise<void>) => {
      await using world = await open()
      await fillLog(world)
      const copy = await openCopy(world.database)
      expect(await verify(world)).toMatchObject({ isWhole: true, checked: ENTRIES })
      await work(copy)
      expect(await verify(world)).toMatchObject({ isWhole: true, checked: ENTRIES })
    }

    test('every column of the table is among those that are altered', async () => {
      await withCopy(async (copy) => {
        const [row] = await copy.rows()
        expect(Object.keys(row ?? {}).toSorted()).toEqual([...COLUMNS].toSorted())
      })
    })

    test('every kind is found and located, at the first entry and at the last', async () => {
      await withCopy(async (copy) => {
        for (const kind of Object.keys(ALTERATIONS)) {
          for (const place of [0, 0.999]) {
            const outcome = await alterAndVerify(copy, kind, place)
            expect({ kind, place, ...outcome }).toMatchObject({ isLocated: true })
          }
        }
      })
    })

    test('every kind is found and located in parts too, at a boundary and inside of them', async () => {
      await withCopy(async (copy) => {
        for (const kind of Object.keys(ALTERATIONS)) {
          for (const limit of [4, 6, 23]) {
            const outcome = await alterAndVerify({ ...copy, limit }, kind, 0.49)
            expect({ kind, limit, ...outcome }).toMatchObject({ isLocated: true })
          }
        }
      })
    })

    test('any kind is found and located at any place', async () => {
      await withCopy(async (copy) => {
        const kinds = fc.constantFrom(...Object.keys(ALTERATIONS))
        const places = fc.double({ min: 0, max: 0.999, noNaN: true })
        await fc.assert(
          fc.asyncProperty(kinds, places, async (kind, place) => {
            const outcome = await alterAndVerify(copy, kind, place)
            expect({ kind, ...outcome }).toMatchObject({ isLocated: true })
          }),
          { numRuns: runs },
        )
      })
    })
  })
}

export const openOnSqlite = () => openAudit()
