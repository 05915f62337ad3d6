import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import type { Competition } from '../services/fixtures.ts'

const CompetitionType = builder.objectRef<Competition>('Competition').implement({
  description: 'What fixtures are part of, such as a league.',
  shares: 'everyone',
  cache: { maxAgeSeconds: 60 },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As its feed calls it.' }),
    fixtures: t.exposeInt('fixtures', { description: 'How many of its fixtures are known.' }),
  }),
})

builder.queryField('competitions', (t) =>
  t.field({
    type: [CompetitionType],
    nullable: true,
    auth: MAY.readFixtures,
    shares: 'everyone',
    description: 'The competitions of all feeds, at most 1000, largest first.',
    listSize: { assumedSize: 20 },
    resolve: (_root, _args, { fixtures }) => fixtures.competitions(),
  }),
)
