import { defineErrors } from '#kernel/errors.ts'

/** Every refusal of the analytics subgraph: feeds, odds, fixtures, follows. */
export const analyticsError = defineErrors({
  COMPETITION_INVALID: 'A competition is 1 to 64 printable characters on one line.',
  GUILD_DELIVERY_INVALID:
    'A delivery of another service does not say which guild belongs to which tenant.',
  FEED_ANSWER_INVALID: 'The odds provider answered something that is not in the agreed format.',
  FEED_ANSWER_TOO_LARGE: 'The odds provider answered more than a feed may read at once.',
  FEED_FILE_INVALID: 'The file lacks a header line with the columns this feed needs.',
  FEED_FILE_TOO_LARGE: 'The file is larger than a feed may read.',
  FEED_FILE_UNREADABLE: 'The file cannot be read: it is absent, forbidden, or its gzip is damaged.',
  FEED_HTTP_REFUSED:
    'The odds provider refused the request. Check the key, the sport and the quota.',
  FEED_HTTP_UNREACHABLE: 'The odds provider did not answer in time.',
  FEED_NOT_FOUND: 'No feed has this id.',
  FEED_POSITION_INVALID: 'A feed continues after a position that is a whole number from 0.',
  FEED_ROW_INVALID: 'A row of the feed is broken and was left out.',
  FEED_SETTING_INVALID: 'A setting of the feed is not valid.',
  FEED_TAKEN: 'Another process takes this feed in, or the feed was paused.',
  FEEDS_PLATFORM_ONLY: 'Feeds serve all tenants: only the platform pauses and resumes them.',
  FOLLOW_GUILD_FOREIGN: 'This guild does not belong to the tenant.',
  FOLLOW_GUILD_REQUIRED: 'Your rights lie in one guild: follow for that guild.',
  FOLLOW_TENANT_REQUIRED: 'Say for which tenant: your rights lie in no single one.',
  FOLLOW_TENANT_FOREIGN: 'Your rights do not lie in this tenant.',
  ODDS_INCOMPLETE: 'A market needs at least two prices, and every source a price per selection.',
  ODDS_INVALID: 'Decimal odds must be greater than 1.',
})
