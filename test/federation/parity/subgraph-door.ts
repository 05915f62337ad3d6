import { mintServiceToken, SERVICE_TOKEN_HEADER } from '#kernel/auth/service-token.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { systemClock } from '#kernel/clock.ts'
import { systemRandomness } from '#kernel/ids.ts'
import type { TestPlatform } from '../../kit/platform.ts'
import type { SubgraphAnswer } from './verdicts.ts'

type Asked = { viewer: Viewer; query: string; variables: object; accept?: string }

/** Asks a subgraph as the gateway would, with its token and in the viewer's name, past its filter. */
export async function atTheDoor(
  platform: TestPlatform,
  subgraph: string,
  { viewer, query, variables, accept = 'application/json' }: Asked,
): Promise<Response> {
  const { services, serviceKeys: keys } = platform.local.platform
  const service = services.find(({ name }) => name === subgraph)
  if (!service) throw new Error(`${subgraph} does not run here`)
  const body = JSON.stringify({ query, variables })
  const token = mintServiceToken(
    { keys, clock: systemClock, randomness: systemRandomness },
    { caller: 'gateway', callee: service.name, body, viewer },
  )
  const headers = { 'content-type': 'application/json', accept, [SERVICE_TOKEN_HEADER]: token }
  const url = `http://${subgraph}.local/graphql`
  return service.fetch(new Request(url, { method: 'POST', headers, body }))
}

/** The whole answer of a query or mutation. */
export async function answerAtTheDoor(
  platform: TestPlatform,
  subgraph: string,
  asked: Asked,
): Promise<SubgraphAnswer> {
  const response = await atTheDoor(platform, subgraph, asked)
  return (await response.json()) as SubgraphAnswer
}

/** The first result of a subscription, or null when it is let in and brings none in that time. */
export async function firstOfStream(
  platform: TestPlatform,
  subgraph: string,
  { waitMs, ...asked }: Asked & { waitMs: number },
): Promise<SubgraphAnswer | null> {
  const response = await atTheDoor(platform, subgraph, { ...asked, accept: 'text/event-stream' })
  const reader = response.body?.getReader()
  if (!reader) throw new Error('a stream has a body')
  const late = new Promise<null>((resolve) => setTimeout(resolve, waitMs, null))
  let text = ''
  try {
    for (;;) {
      const step = await Promise.race([reader.read(), late])
      if (step === null) return null
      if (step.done) throw new Error(`a stream ended without a result: ${text}`)
      text += new TextDecoder().decode(step.value)
      const data = /^data: ?(\{.*\})$/m.exec(text)?.[1]
      if (data) return JSON.parse(data) as SubgraphAnswer
    }
  } finally {
    await reader.cancel()
  }
}
