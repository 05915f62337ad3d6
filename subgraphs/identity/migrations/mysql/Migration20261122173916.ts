import { Migration } from '@mikro-orm/migrations';

export class Migration20261122173916 extends Migration {

  override name = 'Migration20261122173916';

  override up(): void | Promise<void> {
    this.addSql(`alter table \`sessions\` add \`is_place_named\` tinyint(1) not null default false;`);
    // Sessions that stood before name a place wherever they have one.
    this.addSql(`update \`sessions\` set \`is_place_named\` = (\`tenant_id\` is not null);`);
    this.addSql(`alter table \`sessions\` add index \`sessions_tenant_id_last_used_at_index\` (\`tenant_id\`, \`last_used_at\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`sessions\` drop index \`sessions_tenant_id_last_used_at_index\`;`);
    this.addSql(`alter table \`sessions\` drop column \`is_place_named\`;`);
  }

}
