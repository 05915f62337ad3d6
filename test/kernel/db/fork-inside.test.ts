import { defineEntity, p } from '@mikro-orm/core'
import { expect, test } from 'vitest'
import { idColumn } from '#kernel/db/columns.ts'
import { transactional } from '#kernel/db/database.ts'
import { forkInside } from '#kernel/db/fork-inside.ts'
import { openSqlite } from '../../kit/database.ts'

const NoteSchema = defineEntity({
  name: 'Note',
  tableName: 'notes',
  properties: { id: idColumn(), text: p.string().length(20) },
})
class Note extends NoteSchema.class {}
NoteSchema.setClass(Note)

test('it writes in the caller’s transaction, without what the caller has pending', async () => {
  await using database = await openSqlite([Note])
  await transactional(database.acrossTenants(), async (tx) => {
    tx.persist(tx.create(Note, { text: 'pending' }))
    const own = forkInside(tx)
    own.persist(own.create(Note, { text: 'own' }))
    await own.flush()
    expect((await forkInside(tx).find(Note, {})).map(({ text }) => text)).toEqual(['own'])
  })
  expect(await database.acrossTenants().count(Note)).toBe(2)
})

test('what it wrote goes when the caller rolls back', async () => {
  await using database = await openSqlite([Note])
  const failing = transactional(database.acrossTenants(), async (tx) => {
    const own = forkInside(tx)
    own.persist(own.create(Note, { text: 'own' }))
    await own.flush()
    throw new Error('changed my mind')
  })
  await expect(failing).rejects.toThrow('changed my mind')
  expect(await database.acrossTenants().count(Note)).toBe(0)
})
