import type { SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { Logger } from '#kernel/log.ts'

/** Counts spans by what became of them. */
export type SpanFigures = (outcome: 'sent' | 'failed', count: number) => void

type Watch = { log: Logger; figures: SpanFigures }

/** Success, in the code that exporters answer with. */
const SENT = 0
/** A collector that is away is told once, and again after this time. */
const TOLD_FOR_MS = 60_000

/** An exporter whose failures are counted and told, seldom, and concern nobody else. */
export function watchedExporter(exporter: SpanExporter, { log, figures }: Watch): SpanExporter {
  let toldAt = Number.NEGATIVE_INFINITY
  const tell = (err: unknown) => {
    if (performance.now() - toldAt < TOLD_FOR_MS) return
    toldAt = performance.now()
    log.warn({ err }, 'spans did not reach the collector')
  }
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const isSent = result.code === SENT
        figures(isSent ? 'sent' : 'failed', spans.length)
        if (!isSent) tell(result.error)
        done({ code: SENT })
      }),
    shutdown: () => exporter.shutdown(),
  }
}
