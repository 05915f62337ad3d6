import { Migration } from '@mikro-orm/migrations';

export class Migration20261122190439 extends Migration {

  override name = 'Migration20261122190439';

  override up(): void | Promise<void> {
    this.addSql(`create table \`clearances\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer not null, \`guild_id\` integer not null, \`user_id\` integer not null, \`kind\` text not null, \`amount\` bigint not null, \`currency\` text not null, \`idempotency_key\` text not null, \`status\` text not null, \`answer\` text not null, \`code\` text null, \`resource\` text null, \`expires_at\` datetime not null, \`created_at\` datetime not null);`);
    this.addSql(`create index \`idx_clearance_expiry\` on \`clearances\` (\`status\`, \`expires_at\`);`);
    this.addSql(`create index \`idx_clearance_age\` on \`clearances\` (\`created_at\`);`);
    this.addSql(`create unique index \`uniq_clearance_key\` on \`clearances\` (\`kind\`, \`idempotency_key\`);`);

    this.addSql(`create table \`compliance_policies\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer null, \`owner\` text not null, \`policy_name\` text not null, \`policy_type\` text not null, \`policy_version\` text not null, \`policy_config\` json null, \`is_active\` integer not null, \`effective_from\` datetime not null, \`effective_until\` datetime null, \`published_by\` integer null, \`created_at\` datetime not null, \`updated_at\` datetime not null);`);
    this.addSql(`create unique index \`uniq_policy_version\` on \`compliance_policies\` (\`owner\`, \`policy_type\`, \`policy_version\`);`);

    this.addSql(`create table \`events\` (\`id\` integer not null primary key autoincrement, \`topic\` text not null, \`seq\` bigint not null, \`type\` text not null, \`payload\` json not null, \`at\` datetime not null);`);
    this.addSql(`create unique index \`events_topic_seq_unique\` on \`events\` (\`topic\`, \`seq\`);`);

    this.addSql(`create table \`event_topics\` (\`topic\` text not null primary key, \`epoch\` text not null, \`last_seq\` bigint not null, \`first_seq\` bigint not null);`);

    this.addSql(`create table \`guild_tenants\` (\`id\` integer not null primary key autoincrement, \`guild_id\` integer not null, \`tenant_id\` integer not null, \`enterprise_features\` integer not null default false, \`compliance_mode\` integer not null default false, \`audit_logging\` integer not null default false);`);
    this.addSql(`create unique index \`guild_tenants_guild_id_unique\` on \`guild_tenants\` (\`guild_id\`);`);

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

    this.addSql(`create table \`person_keys\` (\`person_id\` text not null primary key, \`key_version\` integer not null, \`wrapped_key\` text null);`);
    this.addSql(`create index \`person_keys_key_version_person_id_index\` on \`person_keys\` (\`key_version\`, \`person_id\`);`);

    this.addSql(`create table \`privacy_consents\` (\`id\` integer not null primary key autoincrement, \`user_id\` integer not null, \`tenant_id\` integer not null, \`guild_id\` integer null, \`consent_type\` text not null, \`consent_status\` integer not null, \`consent_data\` json null, \`policy_version\` text not null, \`policy_id\` integer null, \`channel\` text not null, \`recorded_by\` integer null, \`granted_at\` datetime not null, \`revoked_at\` datetime null, \`ending\` text null, \`withdrawn_channel\` text null, \`withdrawal_recorded_by\` integer null, \`standing\` text null);`);
    this.addSql(`create unique index \`privacy_consents_standing_unique\` on \`privacy_consents\` (\`standing\`);`);
    this.addSql(`create index \`idx_user_consent\` on \`privacy_consents\` (\`user_id\`, \`consent_type\`);`);
    this.addSql(`create index \`idx_consent_tenant\` on \`privacy_consents\` (\`tenant_id\`, \`id\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`clearances\`;`);
    this.addSql(`drop table if exists \`compliance_policies\`;`);
    this.addSql(`drop table if exists \`events\`;`);
    this.addSql(`drop table if exists \`event_topics\`;`);
    this.addSql(`drop table if exists \`guild_tenants\`;`);
    this.addSql(`drop table if exists \`inbox\`;`);
    this.addSql(`drop table if exists \`jobs\`;`);
    this.addSql(`drop table if exists \`outbox_lanes\`;`);
    this.addSql(`drop table if exists \`outbox\`;`);
    this.addSql(`drop table if exists \`person_keys\`;`);
    this.addSql(`drop table if exists \`privacy_consents\`;`);
  }

}
