import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import { UserType } from './user.ts'

const CreateUserInput = builder.inputType('CreateUserInput', {
  description: 'A new person.',
  fields: (t) => ({
    email: t.string({ required: true, description: 'The address to sign in with.' }),
    displayName: t.string({ description: 'What the person is called, up to 100 characters.' }),
    discordId: t.string({ description: 'The Discord account.' }),
    password: t.string({
      description:
        '10 to 256 characters; without one nobody signs in. Only the platform may give one: a tenant leaves it out.',
    }),
  }),
})

const ChangePasswordInput = builder.inputType('ChangePasswordInput', {
  description: 'One’s own password.',
  fields: (t) => ({
    currentPassword: t.string({ required: true, description: 'The present one.' }),
    newPassword: t.string({ required: true, description: '10 to 256 characters.' }),
  }),
})

const SetFirstPasswordInput = builder.inputType('SetFirstPasswordInput', {
  description: 'The password of somebody who has none.',
  fields: (t) => ({
    userId: t.id({ required: true, description: 'Whose.' }),
    password: t.string({ required: true, description: '10 to 256 characters.' }),
  }),
})

const UserIdInput = builder.inputType('UserIdInput', {
  description: 'Names a person.',
  fields: (t) => ({ userId: t.id({ required: true, description: 'The person’s id.' }) }),
})

builder.mutationFields((t) => ({
  createUser: t.field({
    type: UserType,
    nullable: true,
    auth: MAY.writeUsers,
    description: 'Makes an account, known where you have signed in for.',
    args: { input: t.arg({ type: CreateUserInput, required: true, description: 'Whom.' }) },
    resolve: (_root, { input }, { users }) =>
      users.create({
        email: input.email,
        displayName: input.displayName ?? null,
        discordId: input.discordId ?? null,
        password: input.password ?? null,
      }),
  }),
  changePassword: t.field({
    type: UserType,
    nullable: true,
    auth: { authenticated: true },
    description: 'Replaces your password and ends your other sessions.',
    args: { input: t.arg({ type: ChangePasswordInput, required: true, description: 'Both.' }) },
    resolve: (_root, { input }, { ownPassword }) =>
      ownPassword.change({ present: input.currentPassword, next: input.newPassword }),
  }),
  setFirstPassword: t.field({
    type: UserType,
    nullable: true,
    auth: MAY.writeUsers,
    description: 'Gives a password to a person who has none. For the platform alone.',
    args: {
      input: t.arg({ type: SetFirstPasswordInput, required: true, description: 'Which, to whom.' }),
    },
    resolve: (_root, { input }, { firstPasswords }) => firstPasswords.set(input),
  }),
  suspendUser: t.field({
    type: UserType,
    nullable: true,
    auth: MAY.writeUsers,
    description: 'Ends all sessions of a person and refuses new ones.',
    args: { input: t.arg({ type: UserIdInput, required: true, description: 'Whom.' }) },
    resolve: (_root, { input }, { users }) => users.suspend(input.userId),
  }),
  restoreUser: t.field({
    type: UserType,
    nullable: true,
    auth: MAY.writeUsers,
    description: 'Lets a suspended person sign in again.',
    args: { input: t.arg({ type: UserIdInput, required: true, description: 'Whom.' }) },
    resolve: (_root, { input }, { users }) => users.restore(input.userId),
  }),
}))
