import { Migration } from '@mikro-orm/migrations';

export class Migration20261122190737 extends Migration {

  override name = 'Migration20261122190737';

  override up(): void | Promise<void> {
    this.addSql(`create table \`accounts\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer not null, \`guild_id\` integer not null, \`user_id\` integer null, \`owner\` text not null, \`kind\` text not null, \`currency\` text not null, \`balance\` bigint null, \`created_at\` datetime not null);`);
    this.addSql(`create index \`idx_account_user\` on \`accounts\` (\`user_id\`, \`id\`);`);
    this.addSql(`create index \`idx_account_tenant\` on \`accounts\` (\`tenant_id\`, \`id\`);`);
    this.addSql(`create unique index \`uniq_account\` on \`accounts\` (\`guild_id\`, \`tenant_id\`, \`owner\`, \`kind\`, \`currency\`);`);

    this.addSql(`create table \`holds\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer not null, \`guild_id\` integer not null, \`user_id\` integer not null, \`account_id\` integer not null, \`purpose\` text not null, \`amount\` bigint not null, \`currency\` text not null, \`status\` text not null, \`note\` text null, \`frozen_at\` datetime null, \`frozen_reason\` text null, \`created_by\` integer null, \`created_at\` datetime not null, \`ended_at\` datetime null);`);
    this.addSql(`create index \`idx_hold_account\` on \`holds\` (\`account_id\`, \`id\`);`);
    this.addSql(`create index \`idx_hold_guild\` on \`holds\` (\`guild_id\`, \`id\`);`);

    this.addSql(`create table \`ledger_entries\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer not null, \`guild_id\` integer not null, \`user_id\` integer null, \`account_id\` integer not null, \`transfer_id\` integer not null, \`amount\` bigint not null, \`currency\` text not null, \`balance_after\` bigint null, \`at\` datetime not null);`);
    this.addSql(`create index \`idx_entry_account\` on \`ledger_entries\` (\`account_id\`, \`id\`);`);
    this.addSql(`create index \`idx_entry_transfer\` on \`ledger_entries\` (\`transfer_id\`, \`id\`);`);
    this.addSql(`create index \`idx_entry_guild\` on \`ledger_entries\` (\`guild_id\`, \`id\`);`);

    this.addSql(`create table \`transfers\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer not null, \`guild_id\` integer not null, \`kind\` text not null, \`user_id\` integer not null, \`actor_id\` integer null, \`bet_id\` integer null, \`hold_id\` integer null, \`currency\` text not null, \`note\` text null, \`key_owner\` text null, \`idempotency_key\` text null, \`request_hash\` text null, \`at\` datetime not null);`);
    this.addSql(`create index \`idx_transfer_guild\` on \`transfers\` (\`guild_id\`, \`id\`);`);
    this.addSql(`create index \`idx_transfer_user\` on \`transfers\` (\`user_id\`, \`id\`);`);
    this.addSql(`create index \`idx_transfer_bet\` on \`transfers\` (\`bet_id\`, \`id\`);`);
    this.addSql(`create unique index \`uniq_transfer_key\` on \`transfers\` (\`key_owner\`, \`idempotency_key\`);`);

    // What was booked stays as it was booked.
    this.addSql(`create trigger \`ledger_entries_no_update\` before update on \`ledger_entries\` begin select raise(abort, 'ledger entries are only added, never changed or taken away'); end;`);
    this.addSql(`create trigger \`ledger_entries_no_delete\` before delete on \`ledger_entries\` begin select raise(abort, 'ledger entries are only added, never changed or taken away'); end;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`accounts\`;`);
    this.addSql(`drop table if exists \`holds\`;`);
    this.addSql(`drop table if exists \`ledger_entries\`;`);
    this.addSql(`drop table if exists \`transfers\`;`);
  }

}
