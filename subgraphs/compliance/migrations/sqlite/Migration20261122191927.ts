import { Migration } from '@mikro-orm/migrations';

export class Migration20261122191927 extends Migration {

  override name = 'Migration20261122191927';

  override up(): void | Promise<void> {
    this.addSql(`create table \`alerts\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer null, \`guild_id\` integer null, \`rule_id\` integer not null, \`rule_name\` text not null, \`count\` integer not null, \`first_entry_id\` integer not null, \`last_entry_id\` integer not null, \`last_entry_at\` datetime not null, \`at\` datetime not null, \`acknowledged_at\` datetime null, \`acknowledged_by\` integer null);`);
    this.addSql(`create index \`idx_alert_rule\` on \`alerts\` (\`rule_id\`, \`last_entry_at\`);`);
    this.addSql(`create index \`idx_alert_tenant\` on \`alerts\` (\`tenant_id\`, \`id\`);`);

    this.addSql(`create table \`alert_rules\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer null, \`guild_id\` integer null, \`owner\` text not null, \`name\` text not null, \`matches\` json not null, \`threshold\` integer not null, \`window_seconds\` integer not null, \`is_active\` integer not null, \`created_by\` integer null, \`updated_at\` datetime not null);`);
    this.addSql(`create index \`idx_alert_rule_tenant\` on \`alert_rules\` (\`tenant_id\`, \`is_active\`);`);
    this.addSql(`create unique index \`uniq_alert_rule_name\` on \`alert_rules\` (\`owner\`, \`name\`);`);

    this.addSql(`create table \`audit_chains\` (\`id\` integer not null primary key autoincrement, \`chain\` text not null, \`seq\` bigint not null, \`hash\` text not null, \`mac\` text not null, \`published_seq\` bigint not null, \`has_unpublished\` integer not null);`);
    this.addSql(`create unique index \`audit_chains_chain_unique\` on \`audit_chains\` (\`chain\`);`);
    this.addSql(`create index \`idx_chain_unpublished\` on \`audit_chains\` (\`has_unpublished\`, \`id\`);`);

    this.addSql(`create table \`audit_logs\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer null, \`guild_id\` integer null, \`chain\` text not null, \`seq\` bigint not null, \`source\` text not null, \`delivery_key\` text not null, \`user_id\` integer null, \`actor_kind\` text not null, \`key_id\` text null, \`session_id\` text null, \`service_name\` text null, \`request_id\` text not null, \`action_type\` text not null, \`outcome\` text not null, \`resource_type\` text not null, \`resource_id\` integer null, \`resource_key\` text null, \`action_data\` json not null, \`ip_address\` text null, \`user_agent\` text null, \`timestamp\` datetime not null, \`recorded_at\` datetime not null, \`canonical\` text not null, \`prev_hash\` text not null, \`entry_hash\` text not null, \`entry_mac\` text not null);`);
    this.addSql(`create index \`idx_action_time\` on \`audit_logs\` (\`action_type\`, \`timestamp\`);`);
    this.addSql(`create index \`idx_user_action\` on \`audit_logs\` (\`user_id\`, \`action_type\`);`);
    this.addSql(`create index \`idx_audit_tenant\` on \`audit_logs\` (\`tenant_id\`, \`id\`);`);
    this.addSql(`create index \`idx_audit_guild\` on \`audit_logs\` (\`guild_id\`, \`id\`);`);
    this.addSql(`create index \`idx_audit_resource\` on \`audit_logs\` (\`resource_type\`, \`resource_key\`, \`timestamp\`);`);
    this.addSql(`create unique index \`uniq_audit_delivery\` on \`audit_logs\` (\`source\`, \`delivery_key\`);`);
    this.addSql(`create unique index \`uniq_audit_place\` on \`audit_logs\` (\`chain\`, \`seq\`);`);

    // Written by hand: the generator knows no triggers.
    this.addSql(`create trigger \`audit_logs_no_update\` before update on \`audit_logs\` begin select raise(abort, 'audit entries are only appended, never changed or taken away'); end;`);
    this.addSql(`create trigger \`audit_logs_no_delete\` before delete on \`audit_logs\` begin select raise(abort, 'audit entries are only appended, never changed or taken away'); end;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`alerts\`;`);
    this.addSql(`drop table if exists \`alert_rules\`;`);
    this.addSql(`drop table if exists \`audit_chains\`;`);
    this.addSql(`drop table if exists \`audit_logs\`;`);
  }

}
