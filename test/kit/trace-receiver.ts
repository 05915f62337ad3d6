import { until } from './gateway.ts'
import { type LocalServer, startHttpServer } from './http-server.ts'

/** A span as it arrived, with its attributes as plain values. */
export type ReceivedSpan = {
  traceId: string
  spanId: string
  parentSpanId: string | undefined
  name: string
  kind: number
  startNs: bigint
  endNs: bigint
  statusCode: number
  attributes: Record<string, unknown>
  links: { traceId: string; spanId: string }[]
}

/** A collector of OTLP over HTTP (JSON) that remembers what it was sent. */
export type TraceReceiver = LocalServer & {
  spans: ReceivedSpan[]
  /** What was sent, as it came. */
  bodies: string[]
  headers: Record<string, string | string[] | undefined>[]
  /** Of the resource of the last batch. */
  resource: Record<string, unknown>
  /** What it answers from now on; `hang`: nothing, ever. */
  answer: (status: number | 'hang') => void
  /** Waits for as many spans. */
  received: (count: number) => Promise<ReceivedSpan[]>
}

type Value = Record<string, unknown> & { arrayValue?: { values: Value[] } }
type Attribute = { key: string; value: Value }
type SentSpan = {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  status?: { code: number }
  attributes: Attribute[]
  links?: { traceId: string; spanId: string }[]
}
type Sent = {
  resourceSpans: {
    resource: { attributes: Attribute[] }
    scopeSpans: { spans: SentSpan[] }[]
  }[]
}

function plainValue(value: Value): unknown {
  if (value.arrayValue) return value.arrayValue.values.map(plainValue)
  const [plain] = Object.values(value)
  return plain
}

const plain = (attributes: Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]))

function read(sent: SentSpan): ReceivedSpan {
  return {
    traceId: sent.traceId,
    spanId: sent.spanId,
    parentSpanId: sent.parentSpanId || undefined,
    name: sent.name,
    kind: sent.kind,
    startNs: BigInt(sent.startTimeUnixNano),
    endNs: BigInt(sent.endTimeUnixNano),
    statusCode: sent.status?.code ?? 0,
    attributes: plain(sent.attributes),
    links: (sent.links ?? []).map(({ traceId, spanId }) => ({ traceId, spanId })),
  }
}

/** Starts a collector on a free port. */
export async function startTraceReceiver(): Promise<TraceReceiver> {
  const known = {
    spans: [] as ReceivedSpan[],
    bodies: [] as string[],
    headers: [] as TraceReceiver['headers'],
    resource: {} as Record<string, unknown>,
  }
  let status: number | 'hang' = 200
  const take = (text: string) => {
    known.bodies.push(text)
    for (const { resource, scopeSpans } of (JSON.parse(text) as Sent).resourceSpans) {
      Object.assign(known.resource, plain(resource.attributes))
      for (const { spans } of scopeSpans) known.spans.push(...spans.map(read))
    }
  }
  const server = await startHttpServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    known.headers.push(request.headers)
    if (status === 'hang') return
    if (status === 200 && request.url === '/v1/traces') take(Buffer.concat(chunks).toString())
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
  })
  return {
    ...server,
    ...known,
    answer: (next) => {
      status = next
    },
    async received(count) {
      await until(() => known.spans.length >= count)
      return known.spans
    },
  }
}

/** The spans of one trace as an indented list; fails where they are no single tree. */
export function treeOf(spans: readonly ReceivedSpan[]): string[] {
  const ids = new Set(spans.map(({ spanId }) => spanId))
  const roots = spans.filter(({ parentSpanId }) => !parentSpanId || !ids.has(parentSpanId))
  if (roots.length !== 1) throw new Error(`${roots.length} roots: ${roots.map(({ name }) => name)}`)
  const lines: string[] = []
  const walk = (span: ReceivedSpan, depth: number) => {
    lines.push(`${'  '.repeat(depth)}${span.name}`)
    const within = spans.filter(({ parentSpanId }) => parentSpanId === span.spanId)
    within.sort((one, other) => Number(one.startNs - other.startNs))
    for (const child of within) walk(child, depth + 1)
  }
  for (const root of roots) walk(root, 0)
  if (lines.length !== spans.length) throw new Error('a circle of spans')
  return lines
}
