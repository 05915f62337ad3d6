import { Migration } from '@mikro-orm/migrations';

export class Migration20261122162030 extends Migration {

  override name = 'Migration20261122162030';

  override up(): void | Promise<void> {
    this.addSql(`create table \`tenant_customizations\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint not null, \`customization_type\` varchar(50) not null, \`customization_data\` json not null, \`is_active\` tinyint(1) not null, \`version\` int not null, \`created_at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`tenant_customizations\` add index \`idx_tenant_type\` (\`tenant_id\`, \`customization_type\`);`);
    this.addSql(`alter table \`tenant_customizations\` add unique \`uniq_customization_version\` (\`tenant_id\`, \`customization_type\`, \`version\`);`);

    this.addSql(`create table \`events\` (\`id\` bigint not null auto_increment primary key, \`topic\` varchar(100) not null, \`seq\` bigint not null, \`type\` varchar(60) not null, \`payload\` json not null, \`at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`events\` add unique \`events_topic_seq_unique\` (\`topic\`, \`seq\`);`);

    this.addSql(`create table \`event_topics\` (\`topic\` varchar(100) not null, \`epoch\` varchar(22) not null, \`last_seq\` bigint not null, \`first_seq\` bigint not null, primary key (\`topic\`)) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);

    this.addSql(`create table \`feature_flags\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint not null, \`flag_key\` varchar(50) not null, \`is_enabled\` tinyint(1) not null, \`rollout_percent\` int not null, \`description\` varchar(500) not null, \`created_at\` datetime(3) not null, \`updated_at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`feature_flags\` add unique \`uniq_tenant_flag\` (\`tenant_id\`, \`flag_key\`);`);

    this.addSql(`create table \`guild_settings\` (\`id\` bigint not null auto_increment primary key, \`guild_id\` bigint not null, \`tenant_id\` bigint not null, \`guild_name\` varchar(255) not null, \`enterprise_features\` tinyint(1) not null, \`compliance_mode\` tinyint(1) not null, \`audit_logging\` tinyint(1) not null, \`custom_branding\` json null, \`integration_config\` json null, \`created_at\` datetime(3) not null, \`updated_at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`guild_settings\` add unique \`guild_settings_guild_id_unique\` (\`guild_id\`);`);
    this.addSql(`alter table \`guild_settings\` add index \`idx_guild_tenant\` (\`tenant_id\`, \`id\`);`);

    this.addSql(`create table \`inbox\` (\`id\` bigint not null auto_increment primary key, \`caller\` varchar(30) not null, \`idempotency_key\` varchar(64) not null, \`at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`inbox\` add unique \`inbox_caller_idempotency_key_unique\` (\`caller\`, \`idempotency_key\`);`);

    this.addSql(`create table \`jobs\` (\`id\` bigint not null auto_increment primary key, \`kind\` varchar(60) not null, \`payload\` json not null, \`status\` varchar(10) not null, \`run_at\` datetime(3) not null, \`lease_until\` datetime(3) null, \`lease_owner\` varchar(22) null, \`attempts\` int not null, \`max_attempts\` int not null, \`last_error\` varchar(100) null, \`progress_done\` bigint null, \`progress_total\` bigint null, \`cancel_requested\` tinyint(1) not null, \`unique_key\` varchar(190) null, \`created_at\` datetime(3) not null, \`finished_at\` datetime(3) null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`jobs\` add unique \`jobs_unique_key_unique\` (\`unique_key\`);`);
    this.addSql(`alter table \`jobs\` add index \`jobs_status_run_at_index\` (\`status\`, \`run_at\`);`);
    this.addSql(`alter table \`jobs\` add index \`jobs_status_lease_until_index\` (\`status\`, \`lease_until\`);`);

    this.addSql(`create table \`outbox_lanes\` (\`lane\` int unsigned not null, \`passed\` bigint not null, primary key (\`lane\`)) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);

    this.addSql(`create table \`outbox\` (\`id\` bigint not null auto_increment primary key, \`receiver\` varchar(30) not null, \`kind\` varchar(60) not null, \`aggregate\` varchar(100) not null, \`idempotency_key\` varchar(64) not null, \`payload\` text not null, \`at\` datetime(3) not null, \`sent_at\` datetime(3) null, \`attempts\` int not null, \`next_try_at\` datetime(3) not null, \`last_error\` varchar(100) null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`outbox\` add index \`outbox_receiver_sent_at_id_index\` (\`receiver\`, \`sent_at\`, \`id\`);`);
    this.addSql(`alter table \`outbox\` add index \`outbox_receiver_sent_at_next_try_at_index\` (\`receiver\`, \`sent_at\`, \`next_try_at\`);`);
    this.addSql(`alter table \`outbox\` add unique \`outbox_receiver_idempotency_key_unique\` (\`receiver\`, \`idempotency_key\`);`);

    this.addSql(`create table \`tenant_resources\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint not null, \`resource_type\` varchar(50) not null, \`quota_limit\` bigint null, \`current_usage\` bigint not null, \`reset_period\` varchar(20) not null, \`last_reset\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`tenant_resources\` add unique \`idx_tenant_resource\` (\`tenant_id\`, \`resource_type\`);`);

    this.addSql(`create table \`quota_uses\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint not null, \`resource_type\` varchar(50) not null, \`idempotency_key\` varchar(64) not null, \`amount\` bigint not null, \`period_start\` datetime(3) not null, \`at\` datetime(3) not null, \`released_at\` datetime(3) null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`quota_uses\` add unique \`uniq_quota_use_key\` (\`tenant_id\`, \`idempotency_key\`);`);

    this.addSql(`create table \`tenants\` (\`id\` bigint not null auto_increment primary key, \`tenant_name\` varchar(255) not null, \`tenant_code\` varchar(50) not null, \`status\` varchar(20) not null, \`plan_type\` varchar(50) not null, \`settings\` json not null, \`created_at\` datetime(3) not null, \`updated_at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`tenants\` add unique \`tenants_tenant_code_unique\` (\`tenant_code\`);`);
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
