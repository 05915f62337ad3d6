import { Migration } from '@mikro-orm/migrations';

export class Migration20261129072617 extends Migration {

  override name = 'Migration20261129072617';

  override up(): void | Promise<void> {
    this.addSql(`alter table \`feed_runs\` add \`lease_until\` datetime(3) null, add \`lease_owner\` varchar(22) null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`feed_runs\` drop column \`lease_until\`, drop column \`lease_owner\`;`);
  }

}
