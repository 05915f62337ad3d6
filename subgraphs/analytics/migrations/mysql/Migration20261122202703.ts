import { Migration } from '@mikro-orm/migrations';

export class Migration20261122202703 extends Migration {

  override name = 'Migration20261122202703';

  override up(): void | Promise<void> {
    this.addSql(`alter table \`ledger_entries\` add index \`idx_entry_amount\` (\`account_id\`, \`amount\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`ledger_entries\` drop index \`idx_entry_amount\`;`);
  }

}
