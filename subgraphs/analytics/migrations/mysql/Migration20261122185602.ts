import { Migration } from '@mikro-orm/migrations';

export class Migration20261122185602 extends Migration {

  override name = 'Migration20261122185602';

  override up(): void | Promise<void> {
    this.addSql(`alter table \`guild_tenants\` add \`enterprise_features\` tinyint(1) not null default false, add \`compliance_mode\` tinyint(1) not null default false, add \`audit_logging\` tinyint(1) not null default false;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`guild_tenants\` drop column \`enterprise_features\`, drop column \`compliance_mode\`, drop column \`audit_logging\`;`);
  }

}
