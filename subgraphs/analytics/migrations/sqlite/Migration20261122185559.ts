import { Migration } from '@mikro-orm/migrations';

export class Migration20261122185559 extends Migration {

  override name = 'Migration20261122185559';

  override up(): void | Promise<void> {
    this.addSql(`alter table \`guild_tenants\` add column \`enterprise_features\` integer not null default false;`);
    this.addSql(`alter table \`guild_tenants\` add column \`compliance_mode\` integer not null default false;`);
    this.addSql(`alter table \`guild_tenants\` add column \`audit_logging\` integer not null default false;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`guild_tenants\` drop column \`enterprise_features\`;`);
    this.addSql(`alter table \`guild_tenants\` drop column \`compliance_mode\`;`);
    this.addSql(`alter table \`guild_tenants\` drop column \`audit_logging\`;`);
  }

}
