import { Migration } from '@mikro-orm/migrations';

export class Migration20261122171255 extends Migration {

  override name = 'Migration20261122171255';

  override up(): void | Promise<void> {
    this.addSql(`create table \`known_networks\` (\`id\` integer not null primary key autoincrement, \`user_id\` integer not null, \`network_hash\` text not null, \`last_seen_at\` datetime not null);`);
    this.addSql(`create index \`known_networks_last_seen_at_index\` on \`known_networks\` (\`last_seen_at\`);`);
    this.addSql(`create unique index \`known_networks_user_id_network_hash_unique\` on \`known_networks\` (\`user_id\`, \`network_hash\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`known_networks\`;`);
  }

}
