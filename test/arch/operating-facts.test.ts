import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { SETTINGS } from '#kernel/config/settings.ts'
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
  ['a slow operation', 'gateway/seeing/slow-operations.ts'],
  ['spans did not reach the collector', 'gateway/seeing/watched-exporter.ts'],
  ['platform:observe', 'gateway/plugins/use-query-plan.ts'],
  ['x-dbsbm-query-plan', 'gateway/plugins/use-stripped-headers.ts'],
]

test.each(QUOTED)('the page of operating quotes “%s” as %s says it', async (text, file) => {
  expect(page).toContain(text)
  expect(await readFile(new URL(file, ROOT), 'utf8')).toContain(text)
})

test('it names the file of heads', () => {
  expect(page).toContain(`\`${HEADS_FILE}\``)
})

const CLUSTER = 'docs/cluster.md'

/** What the page of the cluster quotes, and where it stands. */
const QUOTED_OF_CLUSTER: readonly (readonly [string, string])[] = [
  ['dbsbm_gateway_request_seconds', 'gateway/metrics.ts'],
  ['dbsbm_gateway_subgraph_fetch_seconds', 'gateway/metrics.ts'],
  ['dbsbm_gateway_live_connections', 'gateway/metrics.ts'],
  ['dbsbm_gateway_subscriptions', 'gateway/metrics.ts'],
  ['dbsbm_gateway_ended_streams_total', 'gateway/metrics.ts'],
  ['dbsbm_gateway_operations_total', 'gateway/metrics.ts'],
  ['dbsbm_gateway_operation_seconds', 'gateway/metrics.ts'],
  ['dbsbm_gateway_errors_total', 'gateway/metrics.ts'],
  ['dbsbm_gateway_slow_operations_total', 'gateway/metrics.ts'],
  ['dbsbm_gateway_waiting_operations', 'gateway/metrics.ts'],
  ['dbsbm_gateway_spans_total', 'gateway/metrics.ts'],
  ['dbsbm_gateway_subscription_groups', 'gateway/metrics.ts'],
  ['dbsbm_gateway_memory_lookups_total', 'gateway/seeing/memory-figures.ts'],
  ['dbsbm_gateway_memory_entries', 'gateway/seeing/memory-figures.ts'],
  ['degraded', 'gateway/readiness.ts'],
  ['clockOffsets', 'gateway/readiness.ts'],
  ['SCHEMA_DIFFERS', 'gateway/subgraph-health.ts'],
  ['UNREACHABLE', 'gateway/subgraph-health.ts'],
  ['ANSWER_INVALID', 'gateway/subgraph-health.ts'],
  ['EVENTS_LATE', 'kernel/serve/health-routes.ts'],
  ['COUNTERS_APART', 'kernel/serve/health-routes.ts'],
  ['clockOffsetMs', 'kernel/serve/health-routes.ts'],
  ['CURSOR_EXPIRED', 'kernel/events/errors.ts'],
  ['COMPLIANCE_UNAVAILABLE', 'subgraphs/analytics/errors.ts'],
  ['CLEARANCE_NOT_FOUND', 'subgraphs/compliance/errors.ts'],
  ['a chain of the audit log was verified', 'subgraphs/compliance/services/audit/checks.ts'],
  ['renew-epochs', 'subgraphs/main.ts'],
  ['/usr/local/bin/dump-dbsbm', 'docker-compose.yml'],
  ['/var/lib/dbsbm', 'docker-compose.yml'],
  ['PUBLISH_ADDRESS', 'docker-compose.yml'],
  ['--single-transaction --master-data=2', 'docker/mariadb/dump.sh'],
]

test.each(QUOTED_OF_CLUSTER)('the page of the cluster says “%s” as %s does', async (text, file) => {
  expect(await readFile(new URL(CLUSTER, ROOT), 'utf8')).toContain(text)
  expect(await readFile(new URL(file, ROOT), 'utf8')).toContain(text)
})

test('the page of the cluster reckons with the pool, the time to retry and the numbers of days that the code has', async () => {
  const told = await readFile(new URL(CLUSTER, ROOT), 'utf8')
  const compose = await readFile(new URL('docker-compose.yml', ROOT), 'utf8')
  const { DATABASE_POOL_SIZE, GATEWAY_RETRY_SECONDS } = SETTINGS
  expect(told).toContain(`pools of ${DATABASE_POOL_SIZE.fallback} need 130`)
  expect(5 * (Number(DATABASE_POOL_SIZE.fallback) + 1) * 2 + 20).toBe(130)
  const inCompose = /GATEWAY_RETRY_SECONDS: "(\d+)"/.exec(compose)?.[1]
  const retry = `(${GATEWAY_RETRY_SECONDS.fallback}; ${inCompose} in`
  expect(told).toContain(`\`GATEWAY_RETRY_SECONDS\` ${retry}`)
  const housekeeping = await readFile(new URL('kernel/serve/housekeeping.ts', ROOT), 'utf8')
  expect(housekeeping).toContain('outbox: 7, inbox: 60')
  expect(told).toContain('senders remember for 7 days, receivers for 60')
})
