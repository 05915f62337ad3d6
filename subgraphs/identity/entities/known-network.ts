import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const KnownNetworkSchema = defineEntity({
  name: 'KnownNetwork',
  tableName: 'known_networks',
  uniques: [{ properties: ['userId', 'networkHash'] }],
  indexes: [{ properties: ['lastSeenAt'] }],
  properties: {
    id: idColumn(),
    userId: refColumn(),
    /** Keyed hash of person and network: two persons of one network are not seen to share it. */
    networkHash: p.string().length(43),
    /** The last sign-in from there. */
    lastSeenAt: timeColumn(),
  },
})

/** A network from which a person signed in: strangers elsewhere cannot lock him out there. */
export class KnownNetwork extends KnownNetworkSchema.class {}
KnownNetworkSchema.setClass(KnownNetwork)
