import { Migration } from '@mikro-orm/migrations';

export class Migration20261122203300 extends Migration {

  override name = 'Migration20261122203300';

  override up(): void | Promise<void> {
    this.addSql(`alter table \`audit_logs\` add index \`idx_audit_tenant_time\` (\`tenant_id\`, \`timestamp\`);`);

    // Written by hand: what stands was evaluated as it was appended.
    this.addSql(`update \`audit_chains\` set \`published_seq\` = \`seq\` where \`chain\` = 'all';`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`audit_logs\` drop index \`idx_audit_tenant_time\`;`);
  }

}
