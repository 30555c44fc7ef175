import type { Generated } from "kysely";

/** Accounts. */
export interface UserTable {
  name: string;
  canonical: string;
  email: string | null;
  is_admin: number;
  password_hash: string | null;
  created_at: string;
  disabled_at: string | null;
}

interface IdentityTable {
  issuer: string;
  subject: string;
  user_name: string;
}

interface InvitationTable {
  hash: string;
  email: string | null;
  is_admin: number;
  scope: string | null;
  role: string | null;
  created_by: string;
  created_at: string;
  expires_at: string;
}

/** Scopes and how much they hold. */
export interface ScopeTable {
  name: string;
  canonical: string;
  created_at: string;
  created_by: string;
  quota_bytes: number | null;
  quota_versions: number | null;
  bytes: Generated<number>;
  versions: Generated<number>;
}

interface GrantTable {
  scope: string;
  kind: string;
  holder: string;
  role: string;
}

interface TeamTable {
  name: string;
  created_at: string;
  created_by: string;
}

interface TeamMemberTable {
  team: string;
  user_name: string;
  role: string;
}

interface SessionTable {
  hash: string;
  user_name: string;
  created_at: string;
  expires_at: string;
}

/** Sign-ins of programs that a person allows in a browser. Lists are JSON texts. */
export interface DeviceTable {
  hash: string;
  user_code: string;
  label: string;
  names: string;
  actions: string;
  status: string;
  user_name: string | null;
  address: string | null;
  expires_at: string;
}

/** Secrets that work once, and those that were used. */
interface OnceTable {
  hash: string;
  data: string;
  expires_at: string;
}

/** Workflows that may publish. */
export interface PublisherTable {
  id: string;
  name: string;
  issuer: string;
  repository: string;
  workflow: string;
  environment: string | null;
  created_at: string;
  created_by: string;
}

/** The log of changes. `detail` is a JSON text. */
export interface AuditTable {
  id: Generated<number>;
  at: string;
  actor: string;
  action: string;
  subject: string;
  scope: string | null;
  address: string | null;
  detail: string | null;
}

/** Tables of who may do what. */
export interface AccessTables {
  users: UserTable;
  identities: IdentityTable;
  invitations: InvitationTable;
  scopes: ScopeTable;
  grants: GrantTable;
  teams: TeamTable;
  team_members: TeamMemberTable;
  sessions: SessionTable;
  devices: DeviceTable;
  once: OnceTable;
  publishers: PublisherTable;
  audit: AuditTable;
}
