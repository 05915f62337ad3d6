import { Migration } from '@mikro-orm/migrations';

/** What the platform's first roles hold since bets, predictions and compliance stand. */
const ADDED = {
  'tenant-admin': [
    'bets:place', 'bets:read', 'limits:read', 'limits:write', 'money:read', 'money:write',
    'money:freeze', 'figures:read', 'predictions:read', 'models:read', 'conversations:read',
    'conversations:write', 'audit:read', 'alerts:read', 'alerts:write', 'policies:read',
    'policies:write', 'consents:read', 'consents:write',
  ],
  analyst: ['predictions:read', 'models:read', 'figures:read', 'bets:read'],
  member: ['bets:place', 'predictions:read'],
};

const OFFICER = {
  name: 'compliance-officer',
  description: 'Watches over the rules: audit, alerts, policies, consents, frozen money.',
  permissions: [
    'audit:read', 'alerts:*', 'policies:*', 'consents:*', 'money:read', 'money:freeze',
    'bets:read', 'guilds:read', 'tenants:read', 'members:read',
  ],
};

/** Once, and only where nothing in the role gives it: what else an operator changed stays. */
function addPermission(role: string, permission: string): string {
  const [resource] = permission.split(':');
  return `update \`roles\` set \`permissions\` = json_array_append(\`permissions\`, '$', '${permission}') where \`place\` = 'p' and \`role_name\` = '${role}' and not (json_contains(\`permissions\`, '"${permission}"') or json_contains(\`permissions\`, '"${resource}:*"') or json_contains(\`permissions\`, '"*:*"'));`;
}

/** Beside the roles that a platform already has; one without any gets it when they are made. */
function addOfficer({ name, description, permissions }: typeof OFFICER): string {
  return `insert into \`roles\` (\`tenant_id\`, \`place\`, \`role_name\`, \`description\`, \`permissions\`, \`is_active\`, \`created_at\`) select null, 'p', '${name}', '${description}', '${JSON.stringify(permissions)}', true, utc_timestamp(3) from \`roles\` where \`place\` = 'p' and \`role_name\` = 'operator' and not exists (select 1 from \`roles\` as \`same\` where \`same\`.\`place\` = 'p' and \`same\`.\`role_name\` = '${name}');`;
}

export class Migration20261122190405 extends Migration {

  override name = 'Migration20261122190405';

  override up(): void | Promise<void> {
    for (const [role, permissions] of Object.entries(ADDED)) {
      for (const permission of permissions) this.addSql(addPermission(role, permission));
    }
    this.addSql(addOfficer(OFFICER));
  }

}
