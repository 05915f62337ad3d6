import { Migration } from '@mikro-orm/migrations';

export class Migration20261122162901 extends Migration {

  override name = 'Migration20261122162901';

  override up(): void | Promise<void> {
    this.addSql(`create table \`competition_follows\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint not null, \`guild_id\` bigint null, \`follower\` varchar(20) not null, \`competition\` varchar(64) not null, \`created_at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`competition_follows\` add index \`idx_follow_guild\` (\`guild_id\`, \`id\`);`);
    this.addSql(`alter table \`competition_follows\` add unique \`uniq_follow\` (\`tenant_id\`, \`follower\`, \`competition\`);`);

    this.addSql(`create table \`current_prices\` (\`id\` bigint not null auto_increment primary key, \`selection_id\` bigint not null, \`source\` varchar(64) not null, \`side\` varchar(4) not null, \`opening_odds\` int not null, \`odds\` int not null, \`at\` datetime(3) not null, \`changes\` int not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`current_prices\` add unique \`uniq_price_offer\` (\`selection_id\`, \`source\`, \`side\`);`);

    this.addSql(`create table \`events\` (\`id\` bigint not null auto_increment primary key, \`topic\` varchar(100) not null, \`seq\` bigint not null, \`type\` varchar(60) not null, \`payload\` json not null, \`at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`events\` add unique \`events_topic_seq_unique\` (\`topic\`, \`seq\`);`);

    this.addSql(`create table \`event_topics\` (\`topic\` varchar(100) not null, \`epoch\` varchar(22) not null, \`last_seq\` bigint not null, \`first_seq\` bigint not null, primary key (\`topic\`)) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);

    this.addSql(`create table \`feed_rejections\` (\`id\` bigint not null auto_increment primary key, \`run_id\` bigint not null, \`code\` varchar(40) not null, \`line\` int null, \`reason\` varchar(100) not null, \`at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`feed_rejections\` add index \`idx_rejection_run\` (\`run_id\`, \`id\`);`);

    this.addSql(`create table \`feed_runs\` (\`id\` bigint not null auto_increment primary key, \`feed\` varchar(64) not null, \`identity\` varchar(191) not null, \`position\` bigint not null, \`anchor\` datetime(3) not null, \`status\` varchar(12) not null, \`is_paused\` tinyint(1) not null, \`is_simulated\` tinyint(1) not null, \`events\` bigint not null, \`quotes\` bigint not null, \`changes\` bigint not null, \`rejected\` bigint not null, \`last_error_code\` varchar(100) null, \`last_error_at\` datetime(3) null, \`started_at\` datetime(3) not null, \`updated_at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`feed_runs\` add unique \`uniq_feed_run\` (\`feed\`, \`identity\`);`);

    this.addSql(`create table \`fixtures\` (\`id\` bigint not null auto_increment primary key, \`source\` varchar(64) not null, \`external_id\` varchar(191) not null, \`competition\` varchar(64) not null, \`season\` varchar(16) null, \`home\` varchar(64) not null, \`away\` varchar(64) not null, \`starts_at\` datetime(3) not null, \`timing\` varchar(10) not null, \`is_replayed\` tinyint(1) not null, \`is_simulated\` tinyint(1) not null, \`status\` varchar(12) not null, \`home_goals\` int null, \`away_goals\` int null, \`finished_at\` datetime(3) null, \`created_at\` datetime(3) not null, \`updated_at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`fixtures\` add index \`idx_fixture_start\` (\`starts_at\`, \`id\`);`);
    this.addSql(`alter table \`fixtures\` add index \`idx_fixture_competition\` (\`competition\`, \`id\`);`);
    this.addSql(`alter table \`fixtures\` add index \`idx_fixture_status\` (\`status\`, \`starts_at\`);`);
    this.addSql(`alter table \`fixtures\` add unique \`uniq_fixture_source\` (\`source\`, \`external_id\`);`);

    this.addSql(`create table \`guild_tenants\` (\`id\` bigint not null auto_increment primary key, \`guild_id\` bigint not null, \`tenant_id\` bigint not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`guild_tenants\` add unique \`guild_tenants_guild_id_unique\` (\`guild_id\`);`);

    this.addSql(`create table \`inbox\` (\`id\` bigint not null auto_increment primary key, \`caller\` varchar(30) not null, \`idempotency_key\` varchar(64) not null, \`at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`inbox\` add unique \`inbox_caller_idempotency_key_unique\` (\`caller\`, \`idempotency_key\`);`);

    this.addSql(`create table \`jobs\` (\`id\` bigint not null auto_increment primary key, \`kind\` varchar(60) not null, \`payload\` json not null, \`status\` varchar(10) not null, \`run_at\` datetime(3) not null, \`lease_until\` datetime(3) null, \`lease_owner\` varchar(22) null, \`attempts\` int not null, \`max_attempts\` int not null, \`last_error\` varchar(100) null, \`progress_done\` bigint null, \`progress_total\` bigint null, \`cancel_requested\` tinyint(1) not null, \`unique_key\` varchar(190) null, \`created_at\` datetime(3) not null, \`finished_at\` datetime(3) null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`jobs\` add unique \`jobs_unique_key_unique\` (\`unique_key\`);`);
    this.addSql(`alter table \`jobs\` add index \`jobs_status_run_at_index\` (\`status\`, \`run_at\`);`);
    this.addSql(`alter table \`jobs\` add index \`jobs_status_lease_until_index\` (\`status\`, \`lease_until\`);`);

    this.addSql(`create table \`markets\` (\`id\` bigint not null auto_increment primary key, \`fixture_id\` bigint not null, \`type\` varchar(32) not null, \`line\` int not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`markets\` add unique \`uniq_market_question\` (\`fixture_id\`, \`type\`, \`line\`);`);

    this.addSql(`create table \`odds_quotes\` (\`id\` bigint not null auto_increment primary key, \`fixture_id\` bigint not null, \`market_id\` bigint not null, \`selection_id\` bigint not null, \`source\` varchar(64) not null, \`side\` varchar(4) not null, \`odds\` int not null, \`previous_odds\` int null, \`at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`odds_quotes\` add index \`idx_quote_selection\` (\`selection_id\`, \`id\`);`);
    this.addSql(`alter table \`odds_quotes\` add index \`idx_quote_fixture\` (\`fixture_id\`, \`id\`);`);
    this.addSql(`alter table \`odds_quotes\` add index \`idx_quote_time\` (\`at\`, \`id\`);`);

    this.addSql(`create table \`outbox_lanes\` (\`lane\` int unsigned not null, \`passed\` bigint not null, primary key (\`lane\`)) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);

    this.addSql(`create table \`outbox\` (\`id\` bigint not null auto_increment primary key, \`receiver\` varchar(30) not null, \`kind\` varchar(60) not null, \`aggregate\` varchar(100) not null, \`idempotency_key\` varchar(64) not null, \`payload\` text not null, \`at\` datetime(3) not null, \`sent_at\` datetime(3) null, \`attempts\` int not null, \`next_try_at\` datetime(3) not null, \`last_error\` varchar(100) null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`outbox\` add index \`outbox_receiver_sent_at_id_index\` (\`receiver\`, \`sent_at\`, \`id\`);`);
    this.addSql(`alter table \`outbox\` add index \`outbox_receiver_sent_at_next_try_at_index\` (\`receiver\`, \`sent_at\`, \`next_try_at\`);`);
    this.addSql(`alter table \`outbox\` add unique \`outbox_receiver_idempotency_key_unique\` (\`receiver\`, \`idempotency_key\`);`);

    this.addSql(`create table \`selections\` (\`id\` bigint not null auto_increment primary key, \`market_id\` bigint not null, \`name\` varchar(16) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`selections\` add unique \`uniq_selection_answer\` (\`market_id\`, \`name\`);`);
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
