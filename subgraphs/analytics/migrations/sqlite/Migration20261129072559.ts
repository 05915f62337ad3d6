import { Migration } from '@mikro-orm/migrations';

export class Migration20261129072559 extends Migration {

  override name = 'Migration20261129072559';

  override up(): void | Promise<void> {
    this.addSql(`alter table \`feed_runs\` add column \`lease_until\` datetime null;`);
    this.addSql(`alter table \`feed_runs\` add column \`lease_owner\` text null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`feed_runs\` drop column \`lease_until\`;`);
    this.addSql(`alter table \`feed_runs\` drop column \`lease_owner\`;`);
  }

}
