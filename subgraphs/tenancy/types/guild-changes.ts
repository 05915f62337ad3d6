import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import { GuildType } from './guild.ts'

const RegisterGuildInput = builder.inputType('RegisterGuildInput', {
  description: 'A guild that comes to the platform.',
  fields: (t) => ({
    tenantId: t.id({ required: true, description: 'Whose it is.' }),
    guildId: t.id({ required: true, description: 'Its id at Discord.' }),
    name: t.string({ required: true, description: 'Its name, up to 255 characters.' }),
  }),
})

const UpdateGuildInput = builder.inputType('UpdateGuildInput', {
  description: 'What changes of a guild; what is absent stays.',
  fields: (t) => ({
    guildId: t.id({ required: true, description: 'Its id at Discord.' }),
    name: t.string({ description: 'Its new name.' }),
    enterpriseFeatures: t.boolean({ description: 'The paid features; platform only.' }),
    complianceMode: t.boolean({ description: 'Whether the stricter rules hold.' }),
    auditLogging: t.boolean({ description: 'Whether reads are logged too.' }),
    customBranding: t.field({
      type: 'JSONObject',
      description: 'Its own branding, checked like that of a tenant; null takes it away.',
    }),
    integrationConfig: t.field({
      type: 'JSONObject',
      description: 'How it is connected to other systems, without secrets; null takes it away.',
    }),
  }),
})

const MoveGuildInput = builder.inputType('MoveGuildInput', {
  description: 'A guild that goes to another tenant.',
  fields: (t) => ({
    guildId: t.id({ required: true, description: 'Its id at Discord.' }),
    toTenantId: t.id({ required: true, description: 'Whose it becomes.' }),
  }),
})

const RemoveGuildInput = builder.inputType('RemoveGuildInput', {
  description: 'A guild that leaves the platform.',
  fields: (t) => ({ guildId: t.id({ required: true, description: 'Its id at Discord.' }) }),
})

builder.mutationFields((t) => ({
  registerGuild: t.field({
    type: GuildType,
    nullable: true,
    auth: MAY.writeGuilds,
    description: 'Registers a guild with a tenant.',
    args: { input: t.arg({ type: RegisterGuildInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { guilds }) => guilds.register(input),
  }),
  updateGuild: t.field({
    type: GuildType,
    nullable: true,
    auth: MAY.writeGuilds,
    description: 'Changes the name or settings of a guild.',
    args: { input: t.arg({ type: UpdateGuildInput, required: true, description: 'What.' }) },
    resolve: (_root, { input }, { guilds }) => guilds.update(input),
  }),
  moveGuild: t.field({
    type: GuildType,
    nullable: true,
    auth: { scopes: [['guilds:write', 'tenants:write']] },
    description: 'Gives a guild to another tenant. Platform only.',
    args: {
      input: t.arg({ type: MoveGuildInput, required: true, description: 'Which, whereto.' }),
    },
    resolve: (_root, { input }, { guilds }) => guilds.move(input),
  }),
  removeGuild: t.field({
    type: GuildType,
    nullable: true,
    auth: MAY.writeGuilds,
    description: 'Takes a guild off the platform and answers it as it was.',
    args: { input: t.arg({ type: RemoveGuildInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { guilds }) => guilds.remove(input.guildId),
  }),
}))
