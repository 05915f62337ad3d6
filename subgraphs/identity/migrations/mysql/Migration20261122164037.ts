import { Migration } from '@mikro-orm/migrations';

export class Migration20261122164037 extends Migration {

  override name = 'Migration20261122164037';

  override up(): void | Promise<void> {
    this.addSql(`alter table \`user_places\` drop index \`user_places_place_user_id_index\`;`);
    this.addSql(`alter table \`user_places\` add index \`user_places_tenant_id_user_id_index\` (\`tenant_id\`, \`user_id\`);`);
    this.addSql(`alter table \`user_places\` add index \`user_places_guild_id_user_id_index\` (\`guild_id\`, \`user_id\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`user_places\` drop index \`user_places_tenant_id_user_id_index\`;`);
    this.addSql(`alter table \`user_places\` drop index \`user_places_guild_id_user_id_index\`;`);
    this.addSql(`alter table \`user_places\` add index \`user_places_place_user_id_index\` (\`place\`, \`user_id\`);`);
  }

}
