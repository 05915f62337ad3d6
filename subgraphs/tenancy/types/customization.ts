import { toForwardPage } from '#kernel/db/batches.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import type { JsonObject } from '#kernel/graphql/scalars.ts'
import { builder } from '../builder.ts'
import type { Customization } from '../entities/customization.ts'
import { MAY } from '../scopes.ts'
import { type Contrast, type ContrastReport, contrastOf } from '../services/branding.ts'
import { TenantType } from './tenant.ts'

const CustomizationTypeEnum = builder.enumType('CustomizationType', {
  description: 'What a tenant can make its own.',
  values: {
    BRANDING: {
      value: 'branding',
      description: 'primaryColor, backgroundColor, textColor (#rrggbb), displayName, logoUrl.',
    },
    MESSAGES: { value: 'messages', description: 'Texts by key, at most 200.' },
    LOCALE: { value: 'locale', description: 'language, timeZone and currency.' },
  } as const,
})

const ContrastLevelEnum = builder.enumType('ContrastLevel', {
  description: 'What a contrast is enough for (WCAG 2.2, 1.4.3 and 1.4.6).',
  values: {
    AAA: { description: 'All text, by the strictest level: 7 or more.' },
    AA: { description: 'All text: 4.5 or more.' },
    AA_LARGE: { description: 'Large text alone: 3 or more.' },
    FAILS: { description: 'No text.' },
  } as const,
})

const ContrastType = builder.objectRef<Contrast>('Contrast').implement({
  description: 'How well one colour stands out on another.',
  fields: (t) => ({
    ratio: t.exposeFloat('ratio', { description: 'From 1 to 21, rounded down.' }),
    level: t.field({
      type: ContrastLevelEnum,
      description: 'What it is enough for.',
      resolve: ({ level }) => level,
    }),
  }),
})

const ContrastReportType = builder.objectRef<ContrastReport>('ContrastReport').implement({
  description: 'How readable a branding is.',
  fields: (t) => ({
    textOnBackground: t.field({
      type: ContrastType,
      description: 'Text on the background.',
      resolve: ({ textOnBackground }) => textOnBackground,
    }),
    primaryOnBackground: t.field({
      type: ContrastType,
      description: 'The primary colour on the background.',
      resolve: ({ primaryOnBackground }) => primaryOnBackground,
    }),
  }),
})

const CustomizationObject = builder.objectRef<Customization>('Customization').implement({
  description: 'What a tenant made its own; a change is a new version.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    type: t.field({
      type: CustomizationTypeEnum,
      description: 'What it is.',
      resolve: ({ type }) => type,
    }),
    data: t.field({
      type: 'JSONObject',
      description: 'What it says, in the form of its type.',
      // The column holds what was checked against the type.
      resolve: (customization) => customization.data as JsonObject,
    }),
    version: t.exposeInt('version', { description: 'Counts from 1 within tenant and type.' }),
    isActive: t.exposeBoolean('isActive', { description: 'Whether it is the one in force.' }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was set.',
      resolve: ({ createdAt }) => createdAt,
    }),
    contrast: t.field({
      type: ContrastReportType,
      nullable: true,
      description: 'How readable a branding is; null for other types.',
      resolve: ({ type, data }) => (type === 'branding' ? contrastOf(data) : null),
    }),
  }),
})

const CustomizationConnection = builder.connectionObject({
  type: CustomizationObject,
  name: 'CustomizationConnection',
})

builder.objectField(TenantType, 'customizations', (t) =>
  t.connection(
    {
      type: CustomizationObject,
      nullable: true,
      auth: MAY.readCustomizations,
      description: 'What it made its own, forward by id.',
      listSize: CONNECTION_SIZE,
      args: {
        history: t.arg.boolean({
          required: true,
          defaultValue: false,
          description: 'With the versions that are no longer in force.',
        }),
      },
      resolve: async ({ id }, { history, ...page }, { customizations }) =>
        toConnection(await customizations.ofTenant(id, { ...toForwardPage(page), history })),
    },
    CustomizationConnection,
  ),
)

const SetCustomizationInput = builder.inputType('SetCustomizationInput', {
  description: 'A new version of what a tenant made its own.',
  fields: (t) => ({
    tenantId: t.id({ required: true, description: 'Whose it is.' }),
    type: t.field({ type: CustomizationTypeEnum, required: true, description: 'What it is.' }),
    data: t.field({
      type: 'JSONObject',
      required: true,
      description: 'What it says, in the form of its type.',
    }),
  }),
})

builder.mutationField('setCustomization', (t) =>
  t.field({
    type: CustomizationObject,
    nullable: true,
    auth: MAY.writeCustomizations,
    description: 'Puts a new version in force.',
    args: { input: t.arg({ type: SetCustomizationInput, required: true, description: 'What.' }) },
    resolve: (_root, { input }, { customizations }) => customizations.set(input),
  }),
)
