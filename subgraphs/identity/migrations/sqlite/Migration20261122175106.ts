import { Migration } from '@mikro-orm/migrations';

export class Migration20261122175106 extends Migration {

  override name = 'Migration20261122175106';

  override up(): void | Promise<void> {
    this.addSql(`alter table \`user_settings\` add column \`failures_since\` datetime null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`user_settings\` drop column \`failures_since\`;`);
  }

}
