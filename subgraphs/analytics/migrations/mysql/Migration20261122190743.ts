import { Migration } from '@mikro-orm/migrations';

export class Migration20261122190743 extends Migration {

  override name = 'Migration20261122190743';

  override up(): void | Promise<void> {
    this.addSql(`create table \`accounts\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint not null, \`guild_id\` bigint not null, \`user_id\` bigint null, \`owner\` varchar(20) not null, \`kind\` varchar(16) not null, \`currency\` varchar(3) not null, \`balance\` bigint null, \`created_at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`accounts\` add index \`idx_account_user\` (\`user_id\`, \`id\`);`);
    this.addSql(`alter table \`accounts\` add index \`idx_account_tenant\` (\`tenant_id\`, \`id\`);`);
    this.addSql(`alter table \`accounts\` add unique \`uniq_account\` (\`guild_id\`, \`tenant_id\`, \`owner\`, \`kind\`, \`currency\`);`);

    this.addSql(`create table \`holds\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint not null, \`guild_id\` bigint not null, \`user_id\` bigint not null, \`account_id\` bigint not null, \`purpose\` varchar(12) not null, \`amount\` bigint not null, \`currency\` varchar(3) not null, \`status\` varchar(12) not null, \`note\` varchar(200) null, \`frozen_at\` datetime(3) null, \`frozen_reason\` varchar(200) null, \`created_by\` bigint null, \`created_at\` datetime(3) not null, \`ended_at\` datetime(3) null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`holds\` add index \`idx_hold_account\` (\`account_id\`, \`id\`);`);
    this.addSql(`alter table \`holds\` add index \`idx_hold_guild\` (\`guild_id\`, \`id\`);`);

    this.addSql(`create table \`ledger_entries\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint not null, \`guild_id\` bigint not null, \`user_id\` bigint null, \`account_id\` bigint not null, \`transfer_id\` bigint not null, \`amount\` bigint not null, \`currency\` varchar(3) not null, \`balance_after\` bigint null, \`at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`ledger_entries\` add index \`idx_entry_account\` (\`account_id\`, \`id\`);`);
    this.addSql(`alter table \`ledger_entries\` add index \`idx_entry_transfer\` (\`transfer_id\`, \`id\`);`);
    this.addSql(`alter table \`ledger_entries\` add index \`idx_entry_guild\` (\`guild_id\`, \`id\`);`);

    this.addSql(`create table \`transfers\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint not null, \`guild_id\` bigint not null, \`kind\` varchar(16) not null, \`user_id\` bigint not null, \`actor_id\` bigint null, \`bet_id\` bigint null, \`hold_id\` bigint null, \`currency\` varchar(3) not null, \`note\` varchar(200) null, \`key_owner\` varchar(80) null, \`idempotency_key\` varchar(64) null, \`request_hash\` varchar(64) null, \`at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`transfers\` add index \`idx_transfer_guild\` (\`guild_id\`, \`id\`);`);
    this.addSql(`alter table \`transfers\` add index \`idx_transfer_user\` (\`user_id\`, \`id\`);`);
    this.addSql(`alter table \`transfers\` add index \`idx_transfer_bet\` (\`bet_id\`, \`id\`);`);
    this.addSql(`alter table \`transfers\` add unique \`uniq_transfer_key\` (\`key_owner\`, \`idempotency_key\`);`);

    // What was booked stays as it was booked.
    this.addSql(`create trigger \`ledger_entries_no_update\` before update on \`ledger_entries\` for each row signal sqlstate '45000' set message_text = 'ledger entries are only added, never changed or taken away';`);
    this.addSql(`create trigger \`ledger_entries_no_delete\` before delete on \`ledger_entries\` for each row signal sqlstate '45000' set message_text = 'ledger entries are only added, never changed or taken away';`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`accounts\`;`);
    this.addSql(`drop table if exists \`holds\`;`);
    this.addSql(`drop table if exists \`ledger_entries\`;`);
    this.addSql(`drop table if exists \`transfers\`;`);
  }

}
