import { Migration } from '@mikro-orm/migrations';

export class Migration20261122202701 extends Migration {

  override name = 'Migration20261122202701';

  override up(): void | Promise<void> {
    this.addSql(`create index \`idx_entry_amount\` on \`ledger_entries\` (\`account_id\`, \`amount\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index \`idx_entry_amount\`;`);
  }

}
