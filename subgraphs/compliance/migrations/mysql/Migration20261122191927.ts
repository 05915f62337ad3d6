import { Migration } from '@mikro-orm/migrations';

export class Migration20261122191927 extends Migration {

  override name = 'Migration20261122191927';

  override up(): void | Promise<void> {
    this.addSql(`create table \`alerts\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint null, \`guild_id\` bigint null, \`rule_id\` bigint not null, \`rule_name\` varchar(100) not null, \`count\` int not null, \`first_entry_id\` bigint not null, \`last_entry_id\` bigint not null, \`last_entry_at\` datetime(3) not null, \`at\` datetime(3) not null, \`acknowledged_at\` datetime(3) null, \`acknowledged_by\` bigint null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`alerts\` add index \`idx_alert_rule\` (\`rule_id\`, \`last_entry_at\`);`);
    this.addSql(`alter table \`alerts\` add index \`idx_alert_tenant\` (\`tenant_id\`, \`id\`);`);

    this.addSql(`create table \`alert_rules\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint null, \`guild_id\` bigint null, \`owner\` varchar(40) not null, \`name\` varchar(100) not null, \`matches\` json not null, \`threshold\` int not null, \`window_seconds\` int not null, \`is_active\` tinyint(1) not null, \`created_by\` bigint null, \`updated_at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`alert_rules\` add index \`idx_alert_rule_tenant\` (\`tenant_id\`, \`is_active\`);`);
    this.addSql(`alter table \`alert_rules\` add unique \`uniq_alert_rule_name\` (\`owner\`, \`name\`);`);

    this.addSql(`create table \`audit_chains\` (\`id\` bigint not null auto_increment primary key, \`chain\` varchar(40) not null, \`seq\` bigint not null, \`hash\` varchar(64) not null, \`mac\` varchar(43) not null, \`published_seq\` bigint not null, \`has_unpublished\` tinyint(1) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`audit_chains\` add unique \`audit_chains_chain_unique\` (\`chain\`);`);
    this.addSql(`alter table \`audit_chains\` add index \`idx_chain_unpublished\` (\`has_unpublished\`, \`id\`);`);

    this.addSql(`create table \`audit_logs\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint null, \`guild_id\` bigint null, \`chain\` varchar(40) not null, \`seq\` bigint not null, \`source\` varchar(30) not null, \`delivery_key\` varchar(64) not null, \`user_id\` bigint null, \`actor_kind\` varchar(10) not null, \`key_id\` varchar(64) null, \`session_id\` varchar(64) null, \`service_name\` varchar(32) null, \`request_id\` varchar(64) not null, \`action_type\` varchar(100) not null, \`outcome\` varchar(10) not null, \`resource_type\` varchar(50) not null, \`resource_id\` bigint null, \`resource_key\` varchar(50) null, \`action_data\` json not null, \`ip_address\` varchar(255) null, \`user_agent\` text null, \`timestamp\` datetime(3) not null, \`recorded_at\` datetime(3) not null, \`canonical\` text not null, \`prev_hash\` varchar(64) not null, \`entry_hash\` varchar(64) not null, \`entry_mac\` varchar(43) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`audit_logs\` add index \`idx_action_time\` (\`action_type\`, \`timestamp\`);`);
    this.addSql(`alter table \`audit_logs\` add index \`idx_user_action\` (\`user_id\`, \`action_type\`);`);
    this.addSql(`alter table \`audit_logs\` add index \`idx_audit_tenant\` (\`tenant_id\`, \`id\`);`);
    this.addSql(`alter table \`audit_logs\` add index \`idx_audit_guild\` (\`guild_id\`, \`id\`);`);
    this.addSql(`alter table \`audit_logs\` add index \`idx_audit_resource\` (\`resource_type\`, \`resource_key\`, \`timestamp\`);`);
    this.addSql(`alter table \`audit_logs\` add unique \`uniq_audit_delivery\` (\`source\`, \`delivery_key\`);`);
    this.addSql(`alter table \`audit_logs\` add unique \`uniq_audit_place\` (\`chain\`, \`seq\`);`);

    // Written by hand: the generator knows no triggers.
    this.addSql(`create trigger \`audit_logs_no_update\` before update on \`audit_logs\` for each row signal sqlstate '45000' set message_text = 'audit entries are only appended, never changed or taken away';`);
    this.addSql(`create trigger \`audit_logs_no_delete\` before delete on \`audit_logs\` for each row signal sqlstate '45000' set message_text = 'audit entries are only appended, never changed or taken away';`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`alerts\`;`);
    this.addSql(`drop table if exists \`alert_rules\`;`);
    this.addSql(`drop table if exists \`audit_chains\`;`);
    this.addSql(`drop table if exists \`audit_logs\`;`);
  }

}
