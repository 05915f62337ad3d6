import { Migration } from '@mikro-orm/migrations';

export class Migration20261122190441 extends Migration {

  override name = 'Migration20261122190441';

  override up(): void | Promise<void> {
    this.addSql(`create table \`clearances\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint not null, \`guild_id\` bigint not null, \`user_id\` bigint not null, \`kind\` varchar(10) not null, \`amount\` bigint not null, \`currency\` varchar(3) not null, \`idempotency_key\` varchar(64) not null, \`status\` varchar(10) not null, \`answer\` varchar(3) not null, \`code\` varchar(50) null, \`resource\` varchar(100) null, \`expires_at\` datetime(3) not null, \`created_at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`clearances\` add index \`idx_clearance_expiry\` (\`status\`, \`expires_at\`);`);
    this.addSql(`alter table \`clearances\` add index \`idx_clearance_age\` (\`created_at\`);`);
    this.addSql(`alter table \`clearances\` add unique \`uniq_clearance_key\` (\`kind\`, \`idempotency_key\`);`);

    this.addSql(`create table \`compliance_policies\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint null, \`owner\` varchar(22) not null, \`policy_name\` varchar(100) not null, \`policy_type\` varchar(50) not null, \`policy_version\` varchar(20) not null, \`policy_config\` json null, \`is_active\` tinyint(1) not null, \`effective_from\` datetime(3) not null, \`effective_until\` datetime(3) null, \`published_by\` bigint null, \`created_at\` datetime(3) not null, \`updated_at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`compliance_policies\` add unique \`uniq_policy_version\` (\`owner\`, \`policy_type\`, \`policy_version\`);`);

    this.addSql(`create table \`events\` (\`id\` bigint not null auto_increment primary key, \`topic\` varchar(100) not null, \`seq\` bigint not null, \`type\` varchar(60) not null, \`payload\` json not null, \`at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`events\` add unique \`events_topic_seq_unique\` (\`topic\`, \`seq\`);`);

    this.addSql(`create table \`event_topics\` (\`topic\` varchar(100) not null, \`epoch\` varchar(22) not null, \`last_seq\` bigint not null, \`first_seq\` bigint not null, primary key (\`topic\`)) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);

    this.addSql(`create table \`guild_tenants\` (\`id\` bigint not null auto_increment primary key, \`guild_id\` bigint not null, \`tenant_id\` bigint not null, \`enterprise_features\` tinyint(1) not null default false, \`compliance_mode\` tinyint(1) not null default false, \`audit_logging\` tinyint(1) not null default false) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`guild_tenants\` add unique \`guild_tenants_guild_id_unique\` (\`guild_id\`);`);

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

    this.addSql(`create table \`person_keys\` (\`person_id\` varchar(64) not null, \`key_version\` int not null, \`wrapped_key\` varchar(255) null, primary key (\`person_id\`)) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`person_keys\` add index \`person_keys_key_version_person_id_index\` (\`key_version\`, \`person_id\`);`);

    this.addSql(`create table \`privacy_consents\` (\`id\` bigint not null auto_increment primary key, \`user_id\` bigint not null, \`tenant_id\` bigint not null, \`guild_id\` bigint null, \`consent_type\` varchar(50) not null, \`consent_status\` tinyint(1) not null, \`consent_data\` json null, \`policy_version\` varchar(20) not null, \`policy_id\` bigint null, \`channel\` varchar(20) not null, \`recorded_by\` bigint null, \`granted_at\` datetime(3) not null, \`revoked_at\` datetime(3) null, \`ending\` varchar(20) null, \`withdrawn_channel\` varchar(20) null, \`withdrawal_recorded_by\` bigint null, \`standing\` varchar(100) null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`privacy_consents\` add unique \`privacy_consents_standing_unique\` (\`standing\`);`);
    this.addSql(`alter table \`privacy_consents\` add index \`idx_user_consent\` (\`user_id\`, \`consent_type\`);`);
    this.addSql(`alter table \`privacy_consents\` add index \`idx_consent_tenant\` (\`tenant_id\`, \`id\`);`);
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
