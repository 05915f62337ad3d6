import { Migration } from '@mikro-orm/migrations';

export class Migration20261122202600 extends Migration {

  override name = 'Migration20261122202600';

  override up(): void | Promise<void> {
    this.addSql(`alter table \`fixtures\` add column \`feed_run_id\` integer null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`fixtures\` drop column \`feed_run_id\`;`);
  }

}
