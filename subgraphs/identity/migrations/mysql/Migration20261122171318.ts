import { Migration } from '@mikro-orm/migrations';

export class Migration20261122171318 extends Migration {

  override name = 'Migration20261122171318';

  override up(): void | Promise<void> {
    this.addSql(`create table \`known_networks\` (\`id\` bigint not null auto_increment primary key, \`user_id\` bigint not null, \`network_hash\` varchar(43) not null, \`last_seen_at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`known_networks\` add index \`known_networks_last_seen_at_index\` (\`last_seen_at\`);`);
    this.addSql(`alter table \`known_networks\` add unique \`known_networks_user_id_network_hash_unique\` (\`user_id\`, \`network_hash\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`known_networks\`;`);
  }

}
