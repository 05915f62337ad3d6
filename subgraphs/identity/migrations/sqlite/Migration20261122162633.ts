import { Migration } from '@mikro-orm/migrations';

export class Migration20261122162633 extends Migration {

  override name = 'Migration20261122162633';

  override up(): void | Promise<void> {
    this.addSql(`create table \`api_keys\` (\`id\` integer not null primary key autoincrement, \`public_id\` text not null, \`user_id\` integer not null, \`tenant_id\` integer null, \`guild_id\` integer null, \`name\` text not null, \`secret_hash\` text not null, \`previous_hash\` text null, \`previous_ends_at\` datetime null, \`scopes\` json not null, \`created_at\` datetime not null, \`expires_at\` datetime null, \`revoked_at\` datetime null, \`last_used_at\` datetime null);`);
    this.addSql(`create unique index \`api_keys_public_id_unique\` on \`api_keys\` (\`public_id\`);`);
    this.addSql(`create index \`api_keys_user_id_index\` on \`api_keys\` (\`user_id\`);`);
    this.addSql(`create index \`api_keys_tenant_id_index\` on \`api_keys\` (\`tenant_id\`);`);

    this.addSql(`create table \`events\` (\`id\` integer not null primary key autoincrement, \`topic\` text not null, \`seq\` bigint not null, \`type\` text not null, \`payload\` json not null, \`at\` datetime not null);`);
    this.addSql(`create unique index \`events_topic_seq_unique\` on \`events\` (\`topic\`, \`seq\`);`);

    this.addSql(`create table \`event_topics\` (\`topic\` text not null primary key, \`epoch\` text not null, \`last_seq\` bigint not null, \`first_seq\` bigint not null);`);

    this.addSql(`create table \`guild_members\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer not null, \`guild_id\` integer not null, \`user_id\` integer not null, \`joined_at\` datetime not null);`);
    this.addSql(`create index \`guild_members_user_id_index\` on \`guild_members\` (\`user_id\`);`);
    this.addSql(`create index \`guild_members_tenant_id_index\` on \`guild_members\` (\`tenant_id\`);`);
    this.addSql(`create unique index \`guild_members_guild_id_user_id_unique\` on \`guild_members\` (\`guild_id\`, \`user_id\`);`);

    this.addSql(`create table \`guild_tenants\` (\`id\` integer not null primary key autoincrement, \`guild_id\` integer not null, \`tenant_id\` integer not null, \`at\` datetime not null);`);
    this.addSql(`create unique index \`guild_tenants_guild_id_unique\` on \`guild_tenants\` (\`guild_id\`);`);
    this.addSql(`create index \`guild_tenants_tenant_id_index\` on \`guild_tenants\` (\`tenant_id\`);`);

    this.addSql(`create table \`inbox\` (\`id\` integer not null primary key autoincrement, \`caller\` text not null, \`idempotency_key\` text not null, \`at\` datetime not null);`);
    this.addSql(`create unique index \`inbox_caller_idempotency_key_unique\` on \`inbox\` (\`caller\`, \`idempotency_key\`);`);

    this.addSql(`create table \`jobs\` (\`id\` integer not null primary key autoincrement, \`kind\` text not null, \`payload\` json not null, \`status\` text not null, \`run_at\` datetime not null, \`lease_until\` datetime null, \`lease_owner\` text null, \`attempts\` integer not null, \`max_attempts\` integer not null, \`last_error\` text null, \`progress_done\` bigint null, \`progress_total\` bigint null, \`cancel_requested\` integer not null, \`unique_key\` text null, \`created_at\` datetime not null, \`finished_at\` datetime null);`);
    this.addSql(`create unique index \`jobs_unique_key_unique\` on \`jobs\` (\`unique_key\`);`);
    this.addSql(`create index \`jobs_status_run_at_index\` on \`jobs\` (\`status\`, \`run_at\`);`);
    this.addSql(`create index \`jobs_status_lease_until_index\` on \`jobs\` (\`status\`, \`lease_until\`);`);

    this.addSql(`create table \`mfa_devices\` (\`id\` integer not null primary key autoincrement, \`user_id\` integer not null, \`device_type\` text not null, \`device_id\` text not null, \`secret\` text null, \`is_active\` integer not null, \`created_at\` datetime not null, \`last_used\` datetime null);`);
    this.addSql(`create index \`idx_user_device\` on \`mfa_devices\` (\`user_id\`, \`device_type\`);`);

    this.addSql(`create table \`outbox_lanes\` (\`lane\` integer not null primary key, \`passed\` bigint not null);`);

    this.addSql(`create table \`outbox\` (\`id\` integer not null primary key autoincrement, \`receiver\` text not null, \`kind\` text not null, \`aggregate\` text not null, \`idempotency_key\` text not null, \`payload\` text not null, \`at\` datetime not null, \`sent_at\` datetime null, \`attempts\` integer not null, \`next_try_at\` datetime not null, \`last_error\` text null);`);
    this.addSql(`create index \`outbox_receiver_sent_at_id_index\` on \`outbox\` (\`receiver\`, \`sent_at\`, \`id\`);`);
    this.addSql(`create index \`outbox_receiver_sent_at_next_try_at_index\` on \`outbox\` (\`receiver\`, \`sent_at\`, \`next_try_at\`);`);
    this.addSql(`create unique index \`outbox_receiver_idempotency_key_unique\` on \`outbox\` (\`receiver\`, \`idempotency_key\`);`);

    this.addSql(`create table \`person_keys\` (\`person_id\` text not null primary key, \`key_version\` integer not null, \`wrapped_key\` text null);`);
    this.addSql(`create index \`person_keys_key_version_person_id_index\` on \`person_keys\` (\`key_version\`, \`person_id\`);`);

    this.addSql(`create table \`refresh_families\` (\`id\` integer not null primary key autoincrement, \`session_id\` integer not null, \`user_id\` integer not null, \`salt\` text not null, \`seq\` integer not null, \`rotated_at\` datetime not null, \`expires_at\` datetime not null, \`absolute_expires_at\` datetime not null, \`revoked_at\` datetime null);`);
    this.addSql(`create unique index \`refresh_families_session_id_unique\` on \`refresh_families\` (\`session_id\`);`);
    this.addSql(`create index \`refresh_families_user_id_revoked_at_index\` on \`refresh_families\` (\`user_id\`, \`revoked_at\`);`);

    this.addSql(`create table \`roles\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer null, \`place\` text not null, \`role_name\` text not null, \`description\` text null, \`permissions\` json not null, \`is_active\` integer not null, \`created_at\` datetime not null);`);
    this.addSql(`create unique index \`roles_role_name_place_unique\` on \`roles\` (\`role_name\`, \`place\`);`);

    this.addSql(`create table \`security_events\` (\`id\` integer not null primary key autoincrement, \`event_type\` text not null, \`user_id\` integer null, \`actor_id\` integer null, \`tenant_id\` integer null, \`guild_id\` integer null, \`ip_address\` text null, \`user_agent\` text null, \`event_data\` json not null, \`risk_score\` numeric(5,4) null, \`request_id\` text null, \`timestamp\` datetime not null);`);
    this.addSql(`create index \`idx_event_type_time\` on \`security_events\` (\`event_type\`, \`timestamp\`);`);
    this.addSql(`create index \`idx_user_time\` on \`security_events\` (\`user_id\`, \`timestamp\`);`);
    this.addSql(`create index \`security_events_tenant_id_timestamp_index\` on \`security_events\` (\`tenant_id\`, \`timestamp\`);`);

    this.addSql(`create table \`sessions\` (\`id\` integer not null primary key autoincrement, \`user_id\` integer not null, \`tenant_id\` integer null, \`guild_id\` integer null, \`created_at\` datetime not null, \`last_used_at\` datetime not null, \`ended_at\` datetime null, \`end_reason\` text null);`);
    this.addSql(`create index \`sessions_user_id_ended_at_index\` on \`sessions\` (\`user_id\`, \`ended_at\`);`);

    this.addSql(`create table \`signing_keys\` (\`id\` integer not null primary key autoincrement, \`kid\` text not null, \`public_key\` text not null, \`private_key\` text not null, \`key_version\` integer not null, \`created_at\` datetime not null, \`signs_from\` datetime not null);`);
    this.addSql(`create unique index \`signing_keys_kid_unique\` on \`signing_keys\` (\`kid\`);`);

    this.addSql(`create table \`users\` (\`id\` integer not null primary key autoincrement, \`email\` text null, \`email_hash\` text null, \`display_name\` text null, \`discord_id\` text null, \`discord_hash\` text null, \`password\` text null, \`password_changed_at\` datetime null, \`token_generation\` integer not null, \`status\` text not null, \`created_at\` datetime not null);`);
    this.addSql(`create unique index \`users_email_hash_unique\` on \`users\` (\`email_hash\`);`);
    this.addSql(`create unique index \`users_discord_hash_unique\` on \`users\` (\`discord_hash\`);`);

    this.addSql(`create table \`user_places\` (\`id\` integer not null primary key autoincrement, \`user_id\` integer not null, \`tenant_id\` integer not null, \`guild_id\` integer null, \`place\` text not null, constraint \`user_places_user_id_foreign\` foreign key (\`user_id\`) references \`users\` (\`id\`));`);
    this.addSql(`create index \`user_places_user_id_index\` on \`user_places\` (\`user_id\`);`);
    this.addSql(`create index \`user_places_place_user_id_index\` on \`user_places\` (\`place\`, \`user_id\`);`);
    this.addSql(`create unique index \`user_places_user_id_place_unique\` on \`user_places\` (\`user_id\`, \`place\`);`);

    this.addSql(`create table \`user_roles\` (\`id\` integer not null primary key autoincrement, \`user_id\` integer not null, \`role_id\` integer not null, \`tenant_id\` integer null, \`guild_id\` integer null, \`place\` text not null, \`assigned_by\` integer null, \`assigned_at\` datetime not null, \`expires_at\` datetime null);`);
    this.addSql(`create index \`idx_user_role\` on \`user_roles\` (\`user_id\`, \`role_id\`);`);
    this.addSql(`create index \`user_roles_role_id_index\` on \`user_roles\` (\`role_id\`);`);
    this.addSql(`create index \`user_roles_guild_id_index\` on \`user_roles\` (\`guild_id\`);`);
    this.addSql(`create unique index \`user_roles_user_id_role_id_place_unique\` on \`user_roles\` (\`user_id\`, \`role_id\`, \`place\`);`);

    this.addSql(`create table \`user_settings\` (\`id\` integer not null primary key autoincrement, \`user_id\` integer not null, \`mfa_enabled\` integer not null, \`mfa_method\` text not null, \`last_login_ip\` text null, \`last_login_time\` datetime null, \`failed_login_attempts\` integer not null, \`account_locked\` integer not null, \`account_locked_until\` datetime null);`);
    this.addSql(`create unique index \`user_settings_user_id_unique\` on \`user_settings\` (\`user_id\`);`);
  }

  override down(): void | Promise<void> {

    this.addSql(`drop table if exists \`api_keys\`;`);
    this.addSql(`drop table if exists \`events\`;`);
    this.addSql(`drop table if exists \`event_topics\`;`);
    this.addSql(`drop table if exists \`guild_members\`;`);
    this.addSql(`drop table if exists \`guild_tenants\`;`);
    this.addSql(`drop table if exists \`inbox\`;`);
    this.addSql(`drop table if exists \`jobs\`;`);
    this.addSql(`drop table if exists \`mfa_devices\`;`);
    this.addSql(`drop table if exists \`outbox_lanes\`;`);
    this.addSql(`drop table if exists \`outbox\`;`);
    this.addSql(`drop table if exists \`person_keys\`;`);
    this.addSql(`drop table if exists \`refresh_families\`;`);
    this.addSql(`drop table if exists \`roles\`;`);
    this.addSql(`drop table if exists \`security_events\`;`);
    this.addSql(`drop table if exists \`sessions\`;`);
    this.addSql(`drop table if exists \`signing_keys\`;`);
    this.addSql(`drop table if exists \`users\`;`);
    this.addSql(`drop table if exists \`user_places\`;`);
    this.addSql(`drop table if exists \`user_roles\`;`);
    this.addSql(`drop table if exists \`user_settings\`;`);
  }

}
