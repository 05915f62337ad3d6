import { expect, test } from 'vitest'
import { placedError } from '#gateway/engine/subgraph-errors.ts'
import { presentError } from '#gateway/plugins/present-errors.ts'
import { silentLog } from '../../kit/database.ts'

const told = (extensions: Record<string, unknown>) => {
  const error = placedError({ message: 'No.', extensions }, 'shop', ['shelf', 0])
  return presentError(error, { requestId: 'r', log: silentLog }).toJSON()
}

test('what a subgraph says of HTTP sets neither status nor headers', () => {
  const headers = { 'set-cookie': 'session=theirs', 'cache-control': 'public, max-age=600' }
  expect(told({ code: 'NO', http: { status: 500, headers } })).toEqual({
    ...{ message: 'No.', path: ['shelf', 0] },
    extensions: { code: 'NO', subgraph: 'shop' },
  })
})

test.each(['BAD_REQUEST', 'OPERATION_RESOLUTION_FAILURE', 'constructor'])(
  'its %s is a code of its own',
  (code) => {
    expect(told({ code })).toEqual({
      ...{ message: 'No.', path: ['shelf', 0] },
      extensions: { code, subgraph: 'shop' },
    })
  },
)
