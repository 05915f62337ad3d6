import { decimalNumber, headerPairs, httpUrl, plainText, wholeNumber } from './parsers.ts'
import { setting } from './setting.ts'

/** What operators see of the gateway besides its figures. */
export const SEEING_SETTINGS = {
  GATEWAY_SLOW_OPERATION_MS: setting(wholeNumber(0, 3_600_000), {
    fallback: null,
    doc: 'An operation that takes at least so many milliseconds is written to the log, with its times and without what was said in it; 0: none. By default 0 embedded, 1000 in a cluster.',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting(httpUrl, {
    fallback: null,
    doc: 'Collector that gets the gateway’s traces by OTLP over HTTP, such as http://127.0.0.1:4318 (/v1/traces is put behind it). By default no traces are made.',
  }),
  OTEL_EXPORTER_OTLP_HEADERS: setting(headerPairs, {
    fallback: null,
    doc: 'Headers for that collector, as name=value pairs with percent encoding, comma separated.',
    isSecret: true,
  }),
  OTEL_SERVICE_NAME: setting(plainText('a name', 100), {
    fallback: 'dbsbm-gateway',
    doc: 'Under which name the gateway stands in traces.',
  }),
  OTEL_TRACES_SAMPLER_ARG: setting(decimalNumber(0, 1), {
    fallback: '1',
    doc: 'Share of requests that are traced, of those that no trusted proxy decided on.',
  }),
}
