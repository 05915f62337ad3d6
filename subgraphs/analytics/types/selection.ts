import { builder } from '../builder.ts'
import type { Selection } from '../entities/selection.ts'

export const SelectionNameEnum = builder.enumType('SelectionName', {
  description: "An answer to a market's question.",
  values: {
    HOME: { value: 'home', description: 'The home team.' },
    DRAW: { value: 'draw', description: 'Neither team.' },
    AWAY: { value: 'away', description: 'The away team.' },
    OVER: { value: 'over', description: 'More goals than the line.' },
    UNDER: { value: 'under', description: 'Fewer goals than the line.' },
    YES: { value: 'yes', description: 'It happens.' },
    NO: { value: 'no', description: 'It does not happen.' },
  } as const,
})

export const SelectionType = builder.objectRef<Selection>('Selection').implement({
  description: "One answer to a market's question.",
  shares: 'everyone',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    name: t.field({
      type: SelectionNameEnum,
      description: 'Which answer.',
      resolve: ({ name }) => name,
    }),
  }),
})
