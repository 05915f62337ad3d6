import SchemaBuilder, {
  BasePlugin,
  type FieldNullability,
  type InputFieldMap,
  type PothosOutputFieldConfig,
  type PothosTypeConfig,
  type SchemaTypes,
  type TypeParam,
} from '@pothos/core'
import { type Access, type SharedBy, toAccessOptions } from './access.ts'
import type { CacheHint } from './cache-hints.ts'

declare global {
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      access: AccessPlugin<Types>
    }
    interface FieldOptions<
      Types extends SchemaTypes,
      ParentShape,
      Type extends TypeParam<Types>,
      Nullable extends FieldNullability<Type>,
      Args extends InputFieldMap,
      ResolveShape,
      ResolveReturnShape,
    > {
      /** Who may have this field, beyond what its type asks. */
      auth?: Access
      /** On whom its answer depends; `viewer` when not said. */
      shares?: SharedBy
      /** How long it may be kept; not at all when not said. */
      cache?: CacheHint
    }
    interface ObjectTypeOptions<Types extends SchemaTypes, Shape> {
      /** Who may have values of this type, however they are reached. */
      auth?: Access
      shares?: SharedBy
      cache?: CacheHint
    }
  }
}

type Declared = { auth?: Access; shares?: SharedBy; cache?: CacheHint }
type Directives = { name: string; args?: object }[]

/** The options with `auth` translated for the plugins that run after this one. */
function translate(options: object, extensions: object): { options: object; extensions: object } {
  const { auth, shares, cache } = options as Declared
  return {
    options: auth ? { ...options, ...toAccessOptions(auth) } : options,
    extensions: {
      ...extensions,
      ...{ access: auth ?? null, shares: shares ?? null, cache: cache ?? null },
    },
  }
}

function withSharing(extensions: object, by: SharedBy | undefined): object {
  if (!by) return extensions
  const { directives = [] } = extensions as { directives?: Directives }
  return { ...extensions, directives: [...directives, { name: 'shares', args: { by } }] }
}

/** Runs before every other plugin: one declaration becomes directive and check. */
export class AccessPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(
    config: PothosOutputFieldConfig<Types>,
  ): PothosOutputFieldConfig<Types> {
    const { options, extensions } = translate(config.pothosOptions, config.extensions ?? {})
    const shared = withSharing(extensions, this.#sharingOf(config))
    return {
      ...config,
      pothosOptions: options,
      extensions: shared,
    } as PothosOutputFieldConfig<Types>
  }

  override onTypeConfig(config: PothosTypeConfig): PothosTypeConfig {
    if (config.kind !== 'Object') return config
    const { options, extensions } = translate(config.pothosOptions, config.extensions ?? {})
    return { ...config, pothosOptions: options, extensions } as PothosTypeConfig
  }

  /** What a type says is said of its fields here, not of those that other subgraphs give it. */
  #sharingOf({ pothosOptions, parentType }: PothosOutputFieldConfig<Types>) {
    const { shares } = pothosOptions as Declared
    if (shares || !this.builder.configStore.hasConfig(parentType)) return shares
    const parent = this.builder.configStore.getTypeConfig(parentType)
    return (parent.pothosOptions as Declared).shares
  }
}

SchemaBuilder.registerPlugin('access', AccessPlugin)
