import { Migration } from '@mikro-orm/migrations';

export class Migration20261122190352 extends Migration {

  override name = 'Migration20261122190352';

  override up(): void | Promise<void> {
    this.addSql(`alter table \`guild_tenants\` add column \`audit_logging\` integer not null default false;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`guild_tenants\` drop column \`audit_logging\`;`);
  }

}
