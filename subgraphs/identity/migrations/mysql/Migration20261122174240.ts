import { Migration } from '@mikro-orm/migrations';

export class Migration20261122174240 extends Migration {

  override name = 'Migration20261122174240';

  override up(): void | Promise<void> {
    this.addSql(`create table \`tenant_standings\` (\`id\` bigint not null auto_increment primary key, \`tenant_id\` bigint not null, \`is_suspended\` tinyint(1) not null, \`at\` datetime(3) not null) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB;`);
    this.addSql(`alter table \`tenant_standings\` add unique \`tenant_standings_tenant_id_unique\` (\`tenant_id\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`tenant_standings\`;`);
  }

}
