import { defineErrors } from '#kernel/errors.ts'

/** Every refusal of the analytics subgraph: feeds, odds, fixtures. */
export const analyticsError = defineErrors({
  FEED_ANSWER_INVALID: 'The odds provider answered something that is not in the agreed format.',
  FEED_ANSWER_TOO_LARGE: 'The odds provider answered more than a feed may read at once.',
  FEED_FILE_INVALID: 'The file lacks a header line with the columns this feed needs.',
  FEED_FILE_TOO_LARGE: 'The file is larger than a feed may read.',
  FEED_FILE_UNREADABLE: 'The file cannot be read: it is absent, forbidden, or its gzip is damaged.',
  FEED_HTTP_REFUSED:
    'The odds provider refused the request. Check the key, the sport and the quota.',
  FEED_HTTP_UNREACHABLE: 'The odds provider did not answer in time.',
  FEED_POSITION_INVALID: 'A feed continues after a position that is a whole number from 0.',
  FEED_ROW_INVALID: 'A row of the feed is broken and was left out.',
  FEED_SETTING_INVALID: 'A setting of the feed is not valid.',
  ODDS_INCOMPLETE: 'A market needs at least two prices, and every source a price per selection.',
  ODDS_INVALID: 'Decimal odds must be greater than 1.',
})
