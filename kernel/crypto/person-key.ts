import { defineEntity, p } from '@mikro-orm/core'

const PersonKeySchema = defineEntity({
  name: 'PersonKey',
  tableName: 'person_keys',
  indexes: [{ properties: ['keyVersion', 'personId'] }],
  properties: {
    /** The user's id. */
    personId: p.string().length(64).primary(),
    keyVersion: p.integer(),
    /** Null once shredded: the row stays as a tombstone. */
    wrappedKey: p.string().length(255).nullable(),
  },
})

/** The key under which a person's data stands, wrapped by the operator's key. */
export class PersonKey extends PersonKeySchema.class {}
PersonKeySchema.setClass(PersonKey)
