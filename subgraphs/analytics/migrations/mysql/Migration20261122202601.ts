import { Migration } from '@mikro-orm/migrations';

export class Migration20261122202601 extends Migration {

  override name = 'Migration20261122202601';

  override up(): void | Promise<void> {
    this.addSql(`alter table \`fixtures\` add \`feed_run_id\` bigint null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`fixtures\` drop column \`feed_run_id\`;`);
  }

}
