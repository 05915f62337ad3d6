import { z } from 'zod'
import { serviceViewer } from '#kernel/auth/viewer.ts'
import { serviceError } from '#kernel/service/errors.ts'
import type { AiRequest } from './request.ts'

/** Fixtures asked for at once: as many as one page of analytics holds. */
const MOST_AT_ONCE = 100

const Market = z.object({
  type: z.string(),
  line: z.int(),
  selections: z.array(z.object({ name: z.string() })).max(10),
  books: z.array(z.object({ source: z.string(), odds: z.array(z.int()) })).nullable(),
  consensus: z
    .object({
      probabilities: z.array(
        z.object({ selection: z.object({ name: z.string() }), probability: z.number() }),
      ),
    })
    .nullable(),
})

const Fixture = z.object({
  id: z.string(),
  competition: z.string(),
  home: z.string(),
  away: z.string(),
  startsAt: z.iso.datetime().transform((text) => new Date(text)),
  status: z.string(),
  isSimulated: z.boolean(),
  isReplayed: z.boolean(),
  markets: z.array(Market),
})

const Answer = z.object({
  fixtures: z.object({ edges: z.array(z.object({ node: Fixture })).max(MOST_AT_ONCE) }),
})

/** What analytics tells of a fixture: odds in thousandths, lines in thousandths of a goal. */
export type FixtureFacts = z.infer<typeof Fixture>
export type MarketFacts = z.infer<typeof Market>

const DOCUMENT = `query FixturesForForecasts($ids: [ID!]!, $first: Int!) {
  fixtures(where: { id: { in: $ids } }, first: $first) {
    edges {
      node {
        id competition home away startsAt status isSimulated isReplayed
        markets {
          type line
          selections { name }
          books { source odds }
          consensus { probabilities { selection { name } probability } }
        }
      }
    }
  }
}`

type Asking = Pick<AiRequest, 'services' | 'viewer' | 'signal'>

async function askFor({ services, viewer, signal }: Asking, ids: readonly string[]) {
  const answer = await services.query('analytics', {
    document: DOCUMENT,
    variables: { ids, first: MOST_AT_ONCE },
    // For nobody in particular: what is made of the answer is the same for everyone.
    viewer: serviceViewer({
      serviceName: 'ai',
      reach: { kind: 'none' },
      scopes: ['fixtures:read', 'odds:read'],
      requestId: viewer.requestId,
    }),
    signal,
  })
  const parsed = Answer.safeParse(answer)
  if (parsed.success) return parsed.data.fixtures.edges.map(({ node }) => node)
  throw serviceError('SERVICE_ANSWER_INVALID', { service: 'analytics' }, { cause: parsed.error })
}

/**
 * What analytics knows of these fixtures, those that it does not know left out: one query for a page.
 * @throws SERVICE_UNREACHABLE, SERVICE_TIMEOUT, SERVICE_ANSWER_INVALID
 */
export async function fixtureFacts(
  asking: Asking,
  ids: readonly string[],
): Promise<ReadonlyMap<string, FixtureFacts>> {
  const facts = new Map<string, FixtureFacts>()
  for (let start = 0; start < ids.length; start += MOST_AT_ONCE) {
    for (const fixture of await askFor(asking, ids.slice(start, start + MOST_AT_ONCE))) {
      facts.set(fixture.id, fixture)
    }
  }
  return facts
}
