import { Migration } from '@mikro-orm/migrations';

export class Migration20261122162029 extends Migration {

  override name = 'Migration20261122162029';

  override up(): void | Promise<void> {
    this.addSql(`create table \`tenant_customizations\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer not null, \`customization_type\` text not null, \`customization_data\` json not null, \`is_active\` integer not null, \`version\` integer not null, \`created_at\` datetime not null);`);
    this.addSql(`create index \`idx_tenant_type\` on \`tenant_customizations\` (\`tenant_id\`, \`customization_type\`);`);
    this.addSql(`create unique index \`uniq_customization_version\` on \`tenant_customizations\` (\`tenant_id\`, \`customization_type\`, \`version\`);`);

    this.addSql(`create table \`events\` (\`id\` integer not null primary key autoincrement, \`topic\` text not null, \`seq\` bigint not null, \`type\` text not null, \`payload\` json not null, \`at\` datetime not null);`);
    this.addSql(`create unique index \`events_topic_seq_unique\` on \`events\` (\`topic\`, \`seq\`);`);

    this.addSql(`create table \`event_topics\` (\`topic\` text not null primary key, \`epoch\` text not null, \`last_seq\` bigint not null, \`first_seq\` bigint not null);`);

    this.addSql(`create table \`feature_flags\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer not null, \`flag_key\` text not null, \`is_enabled\` integer not null, \`rollout_percent\` integer not null, \`description\` text not null, \`created_at\` datetime not null, \`updated_at\` datetime not null);`);
    this.addSql(`create unique index \`uniq_tenant_flag\` on \`feature_flags\` (\`tenant_id\`, \`flag_key\`);`);

    this.addSql(`create table \`guild_settings\` (\`id\` integer not null primary key autoincrement, \`guild_id\` integer not null, \`tenant_id\` integer not null, \`guild_name\` text not null, \`enterprise_features\` integer not null, \`compliance_mode\` integer not null, \`audit_logging\` integer not null, \`custom_branding\` json null, \`integration_config\` json null, \`created_at\` datetime not null, \`updated_at\` datetime not null);`);
    this.addSql(`create unique index \`guild_settings_guild_id_unique\` on \`guild_settings\` (\`guild_id\`);`);
    this.addSql(`create index \`idx_guild_tenant\` on \`guild_settings\` (\`tenant_id\`, \`id\`);`);

    this.addSql(`create table \`inbox\` (\`id\` integer not null primary key autoincrement, \`caller\` text not null, \`idempotency_key\` text not null, \`at\` datetime not null);`);
    this.addSql(`create unique index \`inbox_caller_idempotency_key_unique\` on \`inbox\` (\`caller\`, \`idempotency_key\`);`);

    this.addSql(`create table \`jobs\` (\`id\` integer not null primary key autoincrement, \`kind\` text not null, \`payload\` json not null, \`status\` text not null, \`run_at\` datetime not null, \`lease_until\` datetime null, \`lease_owner\` text null, \`attempts\` integer not null, \`max_attempts\` integer not null, \`last_error\` text null, \`progress_done\` bigint null, \`progress_total\` bigint null, \`cancel_requested\` integer not null, \`unique_key\` text null, \`created_at\` datetime not null, \`finished_at\` datetime null);`);
    this.addSql(`create unique index \`jobs_unique_key_unique\` on \`jobs\` (\`unique_key\`);`);
    this.addSql(`create index \`jobs_status_run_at_index\` on \`jobs\` (\`status\`, \`run_at\`);`);
    this.addSql(`create index \`jobs_status_lease_until_index\` on \`jobs\` (\`status\`, \`lease_until\`);`);

    this.addSql(`create table \`outbox_lanes\` (\`lane\` integer not null primary key, \`passed\` bigint not null);`);

    this.addSql(`create table \`outbox\` (\`id\` integer not null primary key autoincrement, \`receiver\` text not null, \`kind\` text not null, \`aggregate\` text not null, \`idempotency_key\` text not null, \`payload\` text not null, \`at\` datetime not null, \`sent_at\` datetime null, \`attempts\` integer not null, \`next_try_at\` datetime not null, \`last_error\` text null);`);
    this.addSql(`create index \`outbox_receiver_sent_at_id_index\` on \`outbox\` (\`receiver\`, \`sent_at\`, \`id\`);`);
    this.addSql(`create index \`outbox_receiver_sent_at_next_try_at_index\` on \`outbox\` (\`receiver\`, \`sent_at\`, \`next_try_at\`);`);
    this.addSql(`create unique index \`outbox_receiver_idempotency_key_unique\` on \`outbox\` (\`receiver\`, \`idempotency_key\`);`);

    this.addSql(`create table \`tenant_resources\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer not null, \`resource_type\` text not null, \`quota_limit\` bigint null, \`current_usage\` bigint not null, \`reset_period\` text not null, \`last_reset\` datetime not null);`);
    this.addSql(`create unique index \`idx_tenant_resource\` on \`tenant_resources\` (\`tenant_id\`, \`resource_type\`);`);

    this.addSql(`create table \`quota_uses\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer not null, \`resource_type\` text not null, \`idempotency_key\` text not null, \`amount\` bigint not null, \`period_start\` datetime not null, \`at\` datetime not null, \`released_at\` datetime null);`);
    this.addSql(`create unique index \`uniq_quota_use_key\` on \`quota_uses\` (\`tenant_id\`, \`idempotency_key\`);`);

    this.addSql(`create table \`tenants\` (\`id\` integer not null primary key autoincrement, \`tenant_name\` text not null, \`tenant_code\` text not null, \`status\` text not null, \`plan_type\` text not null, \`settings\` json not null, \`created_at\` datetime not null, \`updated_at\` datetime not null);`);
    this.addSql(`create unique index \`tenants_tenant_code_unique\` on \`tenants\` (\`tenant_code\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`tenant_customizations\`;`);
    this.addSql(`drop table if exists \`events\`;`);
    this.addSql(`drop table if exists \`event_topics\`;`);
    this.addSql(`drop table if exists \`feature_flags\`;`);
    this.addSql(`drop table if exists \`guild_settings\`;`);
    this.addSql(`drop table if exists \`inbox\`;`);
    this.addSql(`drop table if exists \`jobs\`;`);
    this.addSql(`drop table if exists \`outbox_lanes\`;`);
    this.addSql(`drop table if exists \`outbox\`;`);
    this.addSql(`drop table if exists \`tenant_resources\`;`);
    this.addSql(`drop table if exists \`quota_uses\`;`);
    this.addSql(`drop table if exists \`tenants\`;`);
  }

}
