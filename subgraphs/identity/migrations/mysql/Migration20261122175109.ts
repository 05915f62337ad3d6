import { Migration } from '@mikro-orm/migrations';

export class Migration20261122175109 extends Migration {

  override name = 'Migration20261122175109';

  override up(): void | Promise<void> {
    this.addSql(`alter table \`user_settings\` add \`failures_since\` datetime(3) null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`user_settings\` drop column \`failures_since\`;`);
  }

}
