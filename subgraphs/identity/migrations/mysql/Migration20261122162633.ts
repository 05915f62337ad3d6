import { Migration } from '@mikro-orm/migrations';

export class Migration20261122162633 extends Migration {

  override name = 'Migration20261122162633';

  override up(): void | Promise<void> {
    this.addSql(`create table \`api_keys\` (\`id\` bigint not null auto_increment primary key, \`public_id\` varchar(10) not null, \`user_id\` bigint not null, \`tenant_id\` bigint null, \`guild_id\` bigint null, \`name\` varchar(100) not null, \`secret_hash\` varchar(43) not null, \`previous_hash\` varchar(43) null, \`previous_ends_at\` datetime(3) null, \`scopes\` json not null, \`created_at\` datetime(3) not null, \`expires_at\` datetime(3) null, \`revoked_at\` datetime(3) null, \`last_used_at\` datetime(3) null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`api_keys\` add unique \`api_keys_public_id_unique\` (\`public_id\`);`);
    this.addSql(`alter table \`api_keys\` add index \`api_keys_user_id_index\` (\`user_id\`);`);
    this.addSql(`alter table \`api_keys\` add index \`api_keys_tenant_id_index\` (\`tenant_id\`);`);

    this.addSql(`create table \`events\` (\`id\` bigint not null auto_increment primary key, \`topic\` varchar(100) not null, \`seq\` bigint not null, \`type\` varchar(60) not null, \`payload\` json not null, \`at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`events\` add unique \`events_topic_seq_unique\` (\`topic\`, \`seq\`);`);

    this.addSql(`create table \`event_topics\` (\`topic\` varchar(100) not null, \`epoch\` varchar(22) not null, \`last_seq\` bigint not null, \`first_seq\` bigint not null, primary key (\`topic\`)) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);

    this.addSql(`create table \`guild_members\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint not null, \`guild_id\` bigint not null, \`user_id\` bigint not null, \`joined_at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`guild_members\` add index \`guild_members_user_id_index\` (\`user_id\`);`);
    this.addSql(`alter table \`guild_members\` add index \`guild_members_tenant_id_index\` (\`tenant_id\`);`);
    this.addSql(`alter table \`guild_members\` add unique \`guild_members_guild_id_user_id_unique\` (\`guild_id\`, \`user_id\`);`);

    this.addSql(`create table \`guild_tenants\` (\`id\` bigint not null auto_increment primary key, \`guild_id\` bigint not null, \`tenant_id\` bigint not null, \`at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`guild_tenants\` add unique \`guild_tenants_guild_id_unique\` (\`guild_id\`);`);
    this.addSql(`alter table \`guild_tenants\` add index \`guild_tenants_tenant_id_index\` (\`tenant_id\`);`);

    this.addSql(`create table \`inbox\` (\`id\` bigint not null auto_increment primary key, \`caller\` varchar(30) not null, \`idempotency_key\` varchar(64) not null, \`at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`inbox\` add unique \`inbox_caller_idempotency_key_unique\` (\`caller\`, \`idempotency_key\`);`);

    this.addSql(`create table \`jobs\` (\`id\` bigint not null auto_increment primary key, \`kind\` varchar(60) not null, \`payload\` json not null, \`status\` varchar(10) not null, \`run_at\` datetime(3) not null, \`lease_until\` datetime(3) null, \`lease_owner\` varchar(22) null, \`attempts\` int not null, \`max_attempts\` int not null, \`last_error\` varchar(100) null, \`progress_done\` bigint null, \`progress_total\` bigint null, \`cancel_requested\` tinyint(1) not null, \`unique_key\` varchar(190) null, \`created_at\` datetime(3) not null, \`finished_at\` datetime(3) null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`jobs\` add unique \`jobs_unique_key_unique\` (\`unique_key\`);`);
    this.addSql(`alter table \`jobs\` add index \`jobs_status_run_at_index\` (\`status\`, \`run_at\`);`);
    this.addSql(`alter table \`jobs\` add index \`jobs_status_lease_until_index\` (\`status\`, \`lease_until\`);`);

    this.addSql(`create table \`mfa_devices\` (\`id\` bigint not null auto_increment primary key, \`user_id\` bigint not null, \`device_type\` varchar(50) not null, \`device_id\` varchar(255) not null, \`secret\` text null, \`is_active\` tinyint(1) not null, \`created_at\` datetime(3) not null, \`last_used\` datetime(3) null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`mfa_devices\` add index \`idx_user_device\` (\`user_id\`, \`device_type\`);`);

    this.addSql(`create table \`outbox_lanes\` (\`lane\` int unsigned not null, \`passed\` bigint not null, primary key (\`lane\`)) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);

    this.addSql(`create table \`outbox\` (\`id\` bigint not null auto_increment primary key, \`receiver\` varchar(30) not null, \`kind\` varchar(60) not null, \`aggregate\` varchar(100) not null, \`idempotency_key\` varchar(64) not null, \`payload\` text not null, \`at\` datetime(3) not null, \`sent_at\` datetime(3) null, \`attempts\` int not null, \`next_try_at\` datetime(3) not null, \`last_error\` varchar(100) null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`outbox\` add index \`outbox_receiver_sent_at_id_index\` (\`receiver\`, \`sent_at\`, \`id\`);`);
    this.addSql(`alter table \`outbox\` add index \`outbox_receiver_sent_at_next_try_at_index\` (\`receiver\`, \`sent_at\`, \`next_try_at\`);`);
    this.addSql(`alter table \`outbox\` add unique \`outbox_receiver_idempotency_key_unique\` (\`receiver\`, \`idempotency_key\`);`);

    this.addSql(`create table \`person_keys\` (\`person_id\` varchar(64) not null, \`key_version\` int not null, \`wrapped_key\` varchar(255) null, primary key (\`person_id\`)) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`person_keys\` add index \`person_keys_key_version_person_id_index\` (\`key_version\`, \`person_id\`);`);

    this.addSql(`create table \`refresh_families\` (\`id\` bigint not null auto_increment primary key, \`session_id\` bigint not null, \`user_id\` bigint not null, \`salt\` varchar(22) not null, \`seq\` int not null, \`rotated_at\` datetime(3) not null, \`expires_at\` datetime(3) not null, \`absolute_expires_at\` datetime(3) not null, \`revoked_at\` datetime(3) null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`refresh_families\` add unique \`refresh_families_session_id_unique\` (\`session_id\`);`);
    this.addSql(`alter table \`refresh_families\` add index \`refresh_families_user_id_revoked_at_index\` (\`user_id\`, \`revoked_at\`);`);

    this.addSql(`create table \`roles\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint null, \`place\` varchar(22) not null, \`role_name\` varchar(100) not null, \`description\` text null, \`permissions\` json not null, \`is_active\` tinyint(1) not null, \`created_at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`roles\` add unique \`roles_role_name_place_unique\` (\`role_name\`, \`place\`);`);

    this.addSql(`create table \`security_events\` (\`id\` bigint not null auto_increment primary key, \`event_type\` varchar(100) not null, \`user_id\` bigint null, \`actor_id\` bigint null, \`tenant_id\` bigint null, \`guild_id\` bigint null, \`ip_address\` varchar(255) null, \`user_agent\` text null, \`event_data\` json not null, \`risk_score\` numeric(5,4) null, \`request_id\` varchar(64) null, \`timestamp\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`security_events\` add index \`idx_event_type_time\` (\`event_type\`, \`timestamp\`);`);
    this.addSql(`alter table \`security_events\` add index \`idx_user_time\` (\`user_id\`, \`timestamp\`);`);
    this.addSql(`alter table \`security_events\` add index \`security_events_tenant_id_timestamp_index\` (\`tenant_id\`, \`timestamp\`);`);

    this.addSql(`create table \`sessions\` (\`id\` bigint not null auto_increment primary key, \`user_id\` bigint not null, \`tenant_id\` bigint null, \`guild_id\` bigint null, \`created_at\` datetime(3) not null, \`last_used_at\` datetime(3) not null, \`ended_at\` datetime(3) null, \`end_reason\` varchar(40) null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`sessions\` add index \`sessions_user_id_ended_at_index\` (\`user_id\`, \`ended_at\`);`);

    this.addSql(`create table \`signing_keys\` (\`id\` bigint not null auto_increment primary key, \`kid\` varchar(22) not null, \`public_key\` varchar(43) not null, \`private_key\` varchar(255) not null, \`key_version\` int not null, \`created_at\` datetime(3) not null, \`signs_from\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`signing_keys\` add unique \`signing_keys_kid_unique\` (\`kid\`);`);

    this.addSql(`create table \`users\` (\`id\` bigint not null auto_increment primary key, \`email\` text null, \`email_hash\` varchar(43) null, \`display_name\` text null, \`discord_id\` text null, \`discord_hash\` varchar(43) null, \`password\` varchar(255) null, \`password_changed_at\` datetime(3) null, \`token_generation\` int not null, \`status\` varchar(20) not null, \`created_at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`users\` add unique \`users_email_hash_unique\` (\`email_hash\`);`);
    this.addSql(`alter table \`users\` add unique \`users_discord_hash_unique\` (\`discord_hash\`);`);

    this.addSql(`create table \`user_places\` (\`id\` bigint not null auto_increment primary key, \`user_id\` bigint not null, \`tenant_id\` bigint not null, \`guild_id\` bigint null, \`place\` varchar(22) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`user_places\` add index \`user_places_user_id_index\` (\`user_id\`);`);
    this.addSql(`alter table \`user_places\` add index \`user_places_place_user_id_index\` (\`place\`, \`user_id\`);`);
    this.addSql(`alter table \`user_places\` add unique \`user_places_user_id_place_unique\` (\`user_id\`, \`place\`);`);

    this.addSql(`create table \`user_roles\` (\`id\` bigint not null auto_increment primary key, \`user_id\` bigint not null, \`role_id\` bigint not null, \`tenant_id\` bigint null, \`guild_id\` bigint null, \`place\` varchar(22) not null, \`assigned_by\` bigint null, \`assigned_at\` datetime(3) not null, \`expires_at\` datetime(3) null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`user_roles\` add index \`idx_user_role\` (\`user_id\`, \`role_id\`);`);
    this.addSql(`alter table \`user_roles\` add index \`user_roles_role_id_index\` (\`role_id\`);`);
    this.addSql(`alter table \`user_roles\` add index \`user_roles_guild_id_index\` (\`guild_id\`);`);
    this.addSql(`alter table \`user_roles\` add unique \`user_roles_user_id_role_id_place_unique\` (\`user_id\`, \`role_id\`, \`place\`);`);

    this.addSql(`create table \`user_settings\` (\`id\` bigint not null auto_increment primary key, \`user_id\` bigint not null, \`mfa_enabled\` tinyint(1) not null, \`mfa_method\` varchar(20) not null, \`last_login_ip\` varchar(255) null, \`last_login_time\` datetime(3) null, \`failed_login_attempts\` int not null, \`account_locked\` tinyint(1) not null, \`account_locked_until\` datetime(3) null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`user_settings\` add unique \`user_settings_user_id_unique\` (\`user_id\`);`);

    this.addSql(`alter table \`user_places\` add constraint \`user_places_user_id_foreign\` foreign key (\`user_id\`) references \`users\` (\`id\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`user_places\` drop foreign key \`user_places_user_id_foreign\`;`);

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
