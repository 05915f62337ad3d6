import { Migration } from '@mikro-orm/migrations';

export class Migration20261122190952 extends Migration {

  override name = 'Migration20261122190952';

  override up(): void | Promise<void> {
    this.addSql(`create table \`bets\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer not null, \`guild_id\` integer not null, \`user_id\` integer not null, \`account_id\` integer not null, \`type\` text not null, \`market_type\` text not null, \`currency\` text not null, \`stake\` bigint not null, \`odds\` integer not null, \`potential_payout\` bigint not null, \`status\` text not null, \`outcome\` text null, \`payout\` bigint null, \`settlements\` integer not null, \`handle\` bigint not null, \`open_stake\` bigint not null, \`settled_stake\` bigint not null, \`settled_payout\` bigint not null, \`liability\` bigint not null, \`price_change\` text not null, \`idempotency_key\` text not null, \`request_hash\` text not null, \`clearance_id\` text not null, \`cash_out_key\` text null, \`cash_out_hash\` text null, \`placed_day\` text not null, \`placed_at\` datetime not null, \`settled_at\` datetime null);`);
    this.addSql(`create index \`idx_bet_user\` on \`bets\` (\`user_id\`, \`id\`);`);
    this.addSql(`create index \`idx_bet_guild\` on \`bets\` (\`guild_id\`, \`id\`);`);
    this.addSql(`create index \`idx_bet_tenant\` on \`bets\` (\`tenant_id\`, \`id\`);`);
    this.addSql(`create index \`idx_bet_placed\` on \`bets\` (\`placed_at\`, \`id\`);`);
    this.addSql(`create unique index \`uniq_bet_key\` on \`bets\` (\`user_id\`, \`idempotency_key\`);`);
    this.addSql(`create unique index \`uniq_bet_cash_out_key\` on \`bets\` (\`user_id\`, \`cash_out_key\`);`);

    this.addSql(`create table \`bet_legs\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer not null, \`guild_id\` integer not null, \`bet_id\` integer not null, \`position\` integer not null, \`fixture_id\` integer not null, \`market_id\` integer not null, \`selection_id\` integer not null, \`market_type\` text not null, \`line\` integer not null, \`selection\` text not null, \`source\` text not null, \`asked_odds\` integer not null, \`odds\` integer not null, \`home\` text not null, \`away\` text not null, \`starts_at\` datetime not null, \`outcome\` text not null, \`result_version\` integer not null, \`settled_at\` datetime null);`);
    this.addSql(`create index \`idx_leg_fixture\` on \`bet_legs\` (\`fixture_id\`, \`id\`);`);
    this.addSql(`create unique index \`uniq_leg_position\` on \`bet_legs\` (\`bet_id\`, \`position\`);`);

    this.addSql(`create table \`betting_limits\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer not null, \`guild_id\` integer not null, \`currency\` text not null, \`min_stake\` bigint not null, \`max_stake\` bigint not null, \`max_payout\` bigint not null, \`max_legs\` integer not null, \`cash_out_fee_basis_points\` integer not null, \`updated_at\` datetime not null);`);
    this.addSql(`create index \`idx_limit_tenant\` on \`betting_limits\` (\`tenant_id\`, \`id\`);`);
    this.addSql(`create unique index \`uniq_betting_limit\` on \`betting_limits\` (\`guild_id\`, \`tenant_id\`, \`currency\`);`);

    this.addSql(`alter table \`fixtures\` add column \`result_version\` integer not null default 0;`);
    this.addSql(`alter table \`fixtures\` add column \`settled_version\` integer not null default 0;`);
    this.addSql(`alter table \`fixtures\` add column \`settlement_due_at\` datetime null;`);
    this.addSql(`alter table \`fixtures\` add column \`is_result_fixed\` integer not null default false;`);
    this.addSql(`create index \`idx_fixture_settlement\` on \`fixtures\` (\`settlement_due_at\`, \`id\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`bets\`;`);
    this.addSql(`drop table if exists \`bet_legs\`;`);
    this.addSql(`drop table if exists \`betting_limits\`;`);

    this.addSql(`drop index \`idx_fixture_settlement\`;`);
    this.addSql(`alter table \`fixtures\` drop column \`result_version\`;`);
    this.addSql(`alter table \`fixtures\` drop column \`settled_version\`;`);
    this.addSql(`alter table \`fixtures\` drop column \`settlement_due_at\`;`);
    this.addSql(`alter table \`fixtures\` drop column \`is_result_fixed\`;`);
  }

}
