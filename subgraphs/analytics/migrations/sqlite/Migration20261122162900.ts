import { Migration } from '@mikro-orm/migrations';

export class Migration20261122162900 extends Migration {

  override name = 'Migration20261122162900';

  override up(): void | Promise<void> {
    this.addSql(`create table \`competition_follows\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer not null, \`guild_id\` integer null, \`follower\` text not null, \`competition\` text not null, \`created_at\` datetime not null);`);
    this.addSql(`create index \`idx_follow_guild\` on \`competition_follows\` (\`guild_id\`, \`id\`);`);
    this.addSql(`create unique index \`uniq_follow\` on \`competition_follows\` (\`tenant_id\`, \`follower\`, \`competition\`);`);

    this.addSql(`create table \`current_prices\` (\`id\` integer not null primary key autoincrement, \`selection_id\` integer not null, \`source\` text not null, \`side\` text not null, \`opening_odds\` integer not null, \`odds\` integer not null, \`at\` datetime not null, \`changes\` integer not null);`);
    this.addSql(`create unique index \`uniq_price_offer\` on \`current_prices\` (\`selection_id\`, \`source\`, \`side\`);`);

    this.addSql(`create table \`events\` (\`id\` integer not null primary key autoincrement, \`topic\` text not null, \`seq\` bigint not null, \`type\` text not null, \`payload\` json not null, \`at\` datetime not null);`);
    this.addSql(`create unique index \`events_topic_seq_unique\` on \`events\` (\`topic\`, \`seq\`);`);

    this.addSql(`create table \`event_topics\` (\`topic\` text not null primary key, \`epoch\` text not null, \`last_seq\` bigint not null, \`first_seq\` bigint not null);`);

    this.addSql(`create table \`feed_rejections\` (\`id\` integer not null primary key autoincrement, \`run_id\` integer not null, \`code\` text not null, \`line\` integer null, \`reason\` text not null, \`at\` datetime not null);`);
    this.addSql(`create index \`idx_rejection_run\` on \`feed_rejections\` (\`run_id\`, \`id\`);`);

    this.addSql(`create table \`feed_runs\` (\`id\` integer not null primary key autoincrement, \`feed\` text not null, \`identity\` text not null, \`position\` bigint not null, \`anchor\` datetime not null, \`status\` text not null, \`is_paused\` integer not null, \`is_simulated\` integer not null, \`events\` bigint not null, \`quotes\` bigint not null, \`changes\` bigint not null, \`rejected\` bigint not null, \`last_error_code\` text null, \`last_error_at\` datetime null, \`started_at\` datetime not null, \`updated_at\` datetime not null);`);
    this.addSql(`create unique index \`uniq_feed_run\` on \`feed_runs\` (\`feed\`, \`identity\`);`);

    this.addSql(`create table \`fixtures\` (\`id\` integer not null primary key autoincrement, \`source\` text not null, \`external_id\` text not null, \`competition\` text not null, \`season\` text null, \`home\` text not null, \`away\` text not null, \`starts_at\` datetime not null, \`timing\` text not null, \`is_replayed\` integer not null, \`is_simulated\` integer not null, \`status\` text not null, \`home_goals\` integer null, \`away_goals\` integer null, \`finished_at\` datetime null, \`created_at\` datetime not null, \`updated_at\` datetime not null);`);
    this.addSql(`create index \`idx_fixture_start\` on \`fixtures\` (\`starts_at\`, \`id\`);`);
    this.addSql(`create index \`idx_fixture_competition\` on \`fixtures\` (\`competition\`, \`id\`);`);
    this.addSql(`create index \`idx_fixture_status\` on \`fixtures\` (\`status\`, \`starts_at\`);`);
    this.addSql(`create unique index \`uniq_fixture_source\` on \`fixtures\` (\`source\`, \`external_id\`);`);

    this.addSql(`create table \`guild_tenants\` (\`id\` integer not null primary key autoincrement, \`guild_id\` integer not null, \`tenant_id\` integer not null);`);
    this.addSql(`create unique index \`guild_tenants_guild_id_unique\` on \`guild_tenants\` (\`guild_id\`);`);

    this.addSql(`create table \`inbox\` (\`id\` integer not null primary key autoincrement, \`caller\` text not null, \`idempotency_key\` text not null, \`at\` datetime not null);`);
    this.addSql(`create unique index \`inbox_caller_idempotency_key_unique\` on \`inbox\` (\`caller\`, \`idempotency_key\`);`);

    this.addSql(`create table \`jobs\` (\`id\` integer not null primary key autoincrement, \`kind\` text not null, \`payload\` json not null, \`status\` text not null, \`run_at\` datetime not null, \`lease_until\` datetime null, \`lease_owner\` text null, \`attempts\` integer not null, \`max_attempts\` integer not null, \`last_error\` text null, \`progress_done\` bigint null, \`progress_total\` bigint null, \`cancel_requested\` integer not null, \`unique_key\` text null, \`created_at\` datetime not null, \`finished_at\` datetime null);`);
    this.addSql(`create unique index \`jobs_unique_key_unique\` on \`jobs\` (\`unique_key\`);`);
    this.addSql(`create index \`jobs_status_run_at_index\` on \`jobs\` (\`status\`, \`run_at\`);`);
    this.addSql(`create index \`jobs_status_lease_until_index\` on \`jobs\` (\`status\`, \`lease_until\`);`);

    this.addSql(`create table \`markets\` (\`id\` integer not null primary key autoincrement, \`fixture_id\` integer not null, \`type\` text not null, \`line\` integer not null);`);
    this.addSql(`create unique index \`uniq_market_question\` on \`markets\` (\`fixture_id\`, \`type\`, \`line\`);`);

    this.addSql(`create table \`odds_quotes\` (\`id\` integer not null primary key autoincrement, \`fixture_id\` integer not null, \`market_id\` integer not null, \`selection_id\` integer not null, \`source\` text not null, \`side\` text not null, \`odds\` integer not null, \`previous_odds\` integer null, \`at\` datetime not null);`);
    this.addSql(`create index \`idx_quote_selection\` on \`odds_quotes\` (\`selection_id\`, \`id\`);`);
    this.addSql(`create index \`idx_quote_fixture\` on \`odds_quotes\` (\`fixture_id\`, \`id\`);`);
    this.addSql(`create index \`idx_quote_time\` on \`odds_quotes\` (\`at\`, \`id\`);`);

    this.addSql(`create table \`outbox_lanes\` (\`lane\` integer not null primary key, \`passed\` bigint not null);`);

    this.addSql(`create table \`outbox\` (\`id\` integer not null primary key autoincrement, \`receiver\` text not null, \`kind\` text not null, \`aggregate\` text not null, \`idempotency_key\` text not null, \`payload\` text not null, \`at\` datetime not null, \`sent_at\` datetime null, \`attempts\` integer not null, \`next_try_at\` datetime not null, \`last_error\` text null);`);
    this.addSql(`create index \`outbox_receiver_sent_at_id_index\` on \`outbox\` (\`receiver\`, \`sent_at\`, \`id\`);`);
    this.addSql(`create index \`outbox_receiver_sent_at_next_try_at_index\` on \`outbox\` (\`receiver\`, \`sent_at\`, \`next_try_at\`);`);
    this.addSql(`create unique index \`outbox_receiver_idempotency_key_unique\` on \`outbox\` (\`receiver\`, \`idempotency_key\`);`);

    this.addSql(`create table \`selections\` (\`id\` integer not null primary key autoincrement, \`market_id\` integer not null, \`name\` text not null);`);
    this.addSql(`create unique index \`uniq_selection_answer\` on \`selections\` (\`market_id\`, \`name\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`competition_follows\`;`);
    this.addSql(`drop table if exists \`current_prices\`;`);
    this.addSql(`drop table if exists \`events\`;`);
    this.addSql(`drop table if exists \`event_topics\`;`);
    this.addSql(`drop table if exists \`feed_rejections\`;`);
    this.addSql(`drop table if exists \`feed_runs\`;`);
    this.addSql(`drop table if exists \`fixtures\`;`);
    this.addSql(`drop table if exists \`guild_tenants\`;`);
    this.addSql(`drop table if exists \`inbox\`;`);
    this.addSql(`drop table if exists \`jobs\`;`);
    this.addSql(`drop table if exists \`markets\`;`);
    this.addSql(`drop table if exists \`odds_quotes\`;`);
    this.addSql(`drop table if exists \`outbox_lanes\`;`);
    this.addSql(`drop table if exists \`outbox\`;`);
    this.addSql(`drop table if exists \`selections\`;`);
  }

}
