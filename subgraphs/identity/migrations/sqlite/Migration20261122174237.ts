import { Migration } from '@mikro-orm/migrations';

export class Migration20261122174237 extends Migration {

  override name = 'Migration20261122174237';

  override up(): void | Promise<void> {
    this.addSql(`create table \`tenant_standings\` (\`id\` integer not null primary key autoincrement, \`tenant_id\` integer not null, \`is_suspended\` integer not null, \`at\` datetime not null);`);
    this.addSql(`create unique index \`tenant_standings_tenant_id_unique\` on \`tenant_standings\` (\`tenant_id\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`tenant_standings\`;`);
  }

}
