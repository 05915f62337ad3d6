import { z } from 'zod'
import { serviceViewer } from '#kernel/auth/viewer.ts'
import { serviceError } from '#kernel/service/errors.ts'
import type { AiRequest } from './request.ts'

/** As many as one page of analytics holds. */
const PAGE = 100
/** Later pages are left out: their fixtures come nearer, and nobody waits for them. */
const MOST_PAGES = 50

const Answer = z.object({
  fixtures: z.object({
    edges: z.array(z.object({ node: z.object({ id: z.string() }) })).max(PAGE),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
})

const DOCUMENT = `query UpcomingFixtures($now: DateTime!, $first: Int!, $after: String) {
  fixtures(
    where: { status: { eq: SCHEDULED }, startsAt: { gt: $now } }
    first: $first
    after: $after
  ) {
    edges { node { id } }
    pageInfo { hasNextPage endCursor }
  }
}`

type Asking = Pick<AiRequest, 'services' | 'viewer' | 'signal' | 'clock'>

async function askFor(
  { services, viewer, signal }: Asking,
  page: { now: Date; after: string | null },
) {
  const answer = await services.query('analytics', {
    document: DOCUMENT,
    variables: { ...page, first: PAGE },
    viewer: serviceViewer({
      serviceName: 'ai',
      reach: { kind: 'none' },
      scopes: ['fixtures:read'],
      requestId: viewer.requestId,
    }),
    signal,
  })
  const parsed = Answer.safeParse(answer)
  if (parsed.success) return parsed.data.fixtures
  throw serviceError('SERVICE_ANSWER_INVALID', { service: 'analytics' }, { cause: parsed.error })
}

/**
 * The ids of fixtures that have not begun, a page at a time, those first that begin first; 5,000 at
 * most. @throws SERVICE_UNREACHABLE, SERVICE_TIMEOUT, SERVICE_ANSWER_INVALID
 */
export async function* upcomingFixtures(asking: Asking): AsyncGenerator<string[]> {
  const now = asking.clock.now()
  let after: string | null = null
  for (let page = 0; page < MOST_PAGES; page++) {
    const { edges, pageInfo }: z.infer<typeof Answer>['fixtures'] = await askFor(asking, {
      now,
      after,
    })
    yield edges.map(({ node }) => node.id)
    if (!pageInfo.hasNextPage) return
    after = pageInfo.endCursor
  }
}
