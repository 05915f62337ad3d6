import { Migration } from '@mikro-orm/migrations';

export class Migration20261122190955 extends Migration {

  override name = 'Migration20261122190955';

  override up(): void | Promise<void> {
    this.addSql(`create table \`bets\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint not null, \`guild_id\` bigint not null, \`user_id\` bigint not null, \`account_id\` bigint not null, \`type\` varchar(8) not null, \`market_type\` varchar(32) not null, \`currency\` varchar(3) not null, \`stake\` bigint not null, \`odds\` int not null, \`potential_payout\` bigint not null, \`status\` varchar(12) not null, \`outcome\` varchar(12) null, \`payout\` bigint null, \`settlements\` int not null, \`handle\` bigint not null, \`open_stake\` bigint not null, \`settled_stake\` bigint not null, \`settled_payout\` bigint not null, \`liability\` bigint not null, \`price_change\` varchar(8) not null, \`idempotency_key\` varchar(64) not null, \`request_hash\` varchar(64) not null, \`clearance_id\` varchar(64) not null, \`cash_out_key\` varchar(64) null, \`cash_out_hash\` varchar(64) null, \`placed_day\` varchar(10) not null, \`placed_at\` datetime(3) not null, \`settled_at\` datetime(3) null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`bets\` add index \`idx_bet_user\` (\`user_id\`, \`id\`);`);
    this.addSql(`alter table \`bets\` add index \`idx_bet_guild\` (\`guild_id\`, \`id\`);`);
    this.addSql(`alter table \`bets\` add index \`idx_bet_tenant\` (\`tenant_id\`, \`id\`);`);
    this.addSql(`alter table \`bets\` add index \`idx_bet_placed\` (\`placed_at\`, \`id\`);`);
    this.addSql(`alter table \`bets\` add unique \`uniq_bet_key\` (\`user_id\`, \`idempotency_key\`);`);
    this.addSql(`alter table \`bets\` add unique \`uniq_bet_cash_out_key\` (\`user_id\`, \`cash_out_key\`);`);

    this.addSql(`create table \`bet_legs\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint not null, \`guild_id\` bigint not null, \`bet_id\` bigint not null, \`position\` int not null, \`fixture_id\` bigint not null, \`market_id\` bigint not null, \`selection_id\` bigint not null, \`market_type\` varchar(32) not null, \`line\` int not null, \`selection\` varchar(16) not null, \`source\` varchar(64) not null, \`asked_odds\` int not null, \`odds\` int not null, \`home\` varchar(64) not null, \`away\` varchar(64) not null, \`starts_at\` datetime(3) not null, \`outcome\` varchar(12) not null, \`result_version\` int not null, \`settled_at\` datetime(3) null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`bet_legs\` add index \`idx_leg_fixture\` (\`fixture_id\`, \`id\`);`);
    this.addSql(`alter table \`bet_legs\` add unique \`uniq_leg_position\` (\`bet_id\`, \`position\`);`);

    this.addSql(`create table \`betting_limits\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint not null, \`guild_id\` bigint not null, \`currency\` varchar(3) not null, \`min_stake\` bigint not null, \`max_stake\` bigint not null, \`max_payout\` bigint not null, \`max_legs\` int not null, \`cash_out_fee_basis_points\` int not null, \`updated_at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`betting_limits\` add index \`idx_limit_tenant\` (\`tenant_id\`, \`id\`);`);
    this.addSql(`alter table \`betting_limits\` add unique \`uniq_betting_limit\` (\`guild_id\`, \`tenant_id\`, \`currency\`);`);

    this.addSql(`alter table \`fixtures\` add \`result_version\` int not null default 0, add \`settled_version\` int not null default 0, add \`settlement_due_at\` datetime(3) null, add \`is_result_fixed\` tinyint(1) not null default false;`);
    this.addSql(`alter table \`fixtures\` add index \`idx_fixture_settlement\` (\`settlement_due_at\`, \`id\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`bets\`;`);
    this.addSql(`drop table if exists \`bet_legs\`;`);
    this.addSql(`drop table if exists \`betting_limits\`;`);

    this.addSql(`alter table \`fixtures\` drop index \`idx_fixture_settlement\`;`);
    this.addSql(`alter table \`fixtures\` drop column \`result_version\`, drop column \`settled_version\`, drop column \`settlement_due_at\`, drop column \`is_result_fixed\`;`);
  }

}
