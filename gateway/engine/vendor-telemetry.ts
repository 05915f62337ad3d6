/**
 * Switches off what `@apollo/gateway` otherwise does in every instance: detect the cloud it runs in
 * and report to usage-reporting.api.apollographql.com each hour. It can only be told by environment,
 * and has to be told before an instance is made.
 */
export function disableVendorTelemetry(): void {
  process.env.APOLLO_TELEMETRY_DISABLED = 'true'
}
