import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { HEADS_FILE } from '#subgraphs/compliance/services/audit/heads-file.ts'
import { renderOperatingPage } from '../../scripts/pages/operating-page.ts'

const ROOT = new URL('../../', import.meta.url)
const page = renderOperatingPage([]).replaceAll(/\s+/g, ' ')

/** What the page quotes from a file, so that a change of one is a change of both. */
const QUOTED: readonly (readonly [string, string])[] = [
  ['a message is poisoned: its aggregate waits', 'kernel/audit/relay.ts'],
  ['OUTBOX_NOT_ACCEPTED', 'kernel/audit/relay.ts'],
  ['a delivery was refused', 'kernel/serve/inbox-route.ts'],
  ['a chain of the audit log was verified', 'subgraphs/compliance/services/audit/checks.ts'],
  ['--heads', 'subgraphs/main.ts'],
]

test.each(QUOTED)('the page of operating quotes “%s” as %s says it', async (text, file) => {
  expect(page).toContain(text)
  expect(await readFile(new URL(file, ROOT), 'utf8')).toContain(text)
})

test('it names the file of heads', () => {
  expect(page).toContain(`\`${HEADS_FILE}\``)
})
