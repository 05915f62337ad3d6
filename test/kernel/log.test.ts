import { expect, test } from 'vitest'
import { createLog } from '#kernel/log.ts'

function openLog() {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  const log = createLog({ level: 'debug', name: 'test', destination })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> }
}

test('a card number is masked in messages, objects, lists, names, failures and bindings', () => {
  const { log, lines, last } = openLog()
  log.info('paid with 4111 1111 1111 1111')
  expect(last().msg).toBe('paid with [card …1111]')
  log.info({ note: 'a\n4111111111111111', list: ['x', { deep: '5555555555554444' }] }, 'noted')
  expect(last()).toMatchObject({
    note: 'a\n[card …1111]',
    list: ['x', { deep: '[card …4444]' }],
    msg: 'noted',
  })
  log.info({ 4111111111111111: true, count: 4_111_111_111_111_111 })
  expect(last()).toMatchObject({ '[card …1111]': true, count: '[card …1111]' })
  log.error({ err: new Error('refused 378282246310005') })
  expect(last().err).toMatchObject({ message: 'refused [card …0005]' })
  log.child({ card: '4111111111111111' }).warn('later')
  expect(last()).toMatchObject({ card: '[card …1111]', msg: 'later', name: 'test' })
  log.warn({ text: 'card4111\t1111\u200b1111.1111', of: ['４１１１１１１１１１１１１１１１EUR'] })
  expect(last()).toMatchObject({ text: 'card[card …1111]', of: ['[card …1111]EUR'] })
  expect(lines.join('')).not.toMatch(/4111|５|5555|3782/)
  expect(lines.every((line) => line.endsWith('}\n'))).toBe(true)
})

test('ids, times and secrets are written as before', () => {
  const { log, lines, last } = openLog()
  log.info({ guildId: '197038439483310086', at: 1_787_581_800_000, token: 'a.b.c' }, 'placed')
  expect(last()).toMatchObject({
    guildId: '197038439483310086',
    at: 1_787_581_800_000,
    token: '[redacted]',
    msg: 'placed',
  })
  expect(lines).toHaveLength(1)
})
