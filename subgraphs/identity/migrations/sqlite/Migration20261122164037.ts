import { Migration } from '@mikro-orm/migrations';

export class Migration20261122164037 extends Migration {

  override name = 'Migration20261122164037';

  override up(): void | Promise<void> {
    this.addSql(`drop index \`user_places_place_user_id_index\`;`);
    this.addSql(`create index \`user_places_tenant_id_user_id_index\` on \`user_places\` (\`tenant_id\`, \`user_id\`);`);
    this.addSql(`create index \`user_places_guild_id_user_id_index\` on \`user_places\` (\`guild_id\`, \`user_id\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index \`user_places_tenant_id_user_id_index\`;`);
    this.addSql(`drop index \`user_places_guild_id_user_id_index\`;`);
    this.addSql(`create index \`user_places_place_user_id_index\` on \`user_places\` (\`place\`, \`user_id\`);`);
  }

}
