import { Migration } from '@mikro-orm/migrations';

export class Migration20261122190355 extends Migration {

  override name = 'Migration20261122190355';

  override up(): void | Promise<void> {
    this.addSql(`alter table \`guild_tenants\` add \`audit_logging\` tinyint(1) not null default false;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`guild_tenants\` drop column \`audit_logging\`;`);
  }

}
