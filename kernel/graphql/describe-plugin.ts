import SchemaBuilder, {
  BasePlugin,
  type PothosInputFieldConfig,
  type PothosOutputFieldConfig,
  type SchemaTypes,
} from '@pothos/core'

declare global {
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      describe: DescribePlugin<Types>
    }
  }
}

/** Relay's own words, which the relay plugin leaves without a description. */
const PAGE_INFO: Readonly<Record<string, string>> = {
  hasNextPage: 'Whether more items follow.',
  hasPreviousPage: 'Whether items stand before.',
  startCursor: 'The cursor of the first item of the page.',
  endCursor: 'The cursor of the last item of the page.',
}

const PAGE_ARGUMENTS: Readonly<Record<string, string>> = {
  first: 'How many items from the start, 1 to 100.',
  after: 'Only items after this cursor.',
  last: 'How many items from the end, 1 to 100.',
  before: 'Only items before this cursor.',
}

/** Describes what every connection has in common. */
export class DescribePlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(
    config: PothosOutputFieldConfig<Types>,
  ): PothosOutputFieldConfig<Types> {
    if (config.parentType !== 'PageInfo') return config
    return { ...config, description: config.description ?? PAGE_INFO[config.name] ?? null }
  }

  override onInputFieldConfig(
    config: PothosInputFieldConfig<Types>,
  ): PothosInputFieldConfig<Types> {
    if (config.kind !== 'Arg' || config.description) return config
    return { ...config, description: PAGE_ARGUMENTS[config.name] ?? null }
  }
}

SchemaBuilder.registerPlugin('describe', DescribePlugin)
