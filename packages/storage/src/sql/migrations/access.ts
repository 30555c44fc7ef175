import type { Migration } from "../migration.ts";

/** Accounts, scopes, teams, sign-ins, trusted publishers, and the log of changes. */
export const addAccess: Migration = {
  name: "who may do what",
  statements: ({ id, text, appendOnly }) => [
    `create table users (
      name ${text} primary key, canonical ${text} not null unique, email ${text}, is_admin integer not null, password_hash ${text},
      created_at ${text} not null, disabled_at ${text})`,
    `create table identities (
      issuer ${text} not null, subject ${text} not null, user_name ${text} not null references users (name), primary key (issuer, subject))`,
    `create table invitations (
      hash ${text} primary key, email ${text}, is_admin integer not null, scope ${text}, role ${text}, created_by ${text} not null,
      created_at ${text} not null, expires_at ${text} not null)`,
    `create table scopes (
      name ${text} primary key, canonical ${text} not null unique, created_at ${text} not null, created_by ${text} not null,
      quota_bytes bigint, quota_versions bigint, bytes bigint not null default 0, versions bigint not null default 0)`,
    `create table grants (
      scope ${text} not null references scopes (name), kind ${text} not null, holder ${text} not null, role ${text} not null,
      primary key (scope, kind, holder))`,
    "create index grants_by_holder on grants (kind, holder)",
    `create table teams (name ${text} primary key, created_at ${text} not null, created_by ${text} not null)`,
    `create table team_members (
      team ${text} not null references teams (name), user_name ${text} not null references users (name), role ${text} not null,
      primary key (team, user_name))`,
    "create index team_members_by_user on team_members (user_name)",
    `create table sessions (
      hash ${text} primary key, user_name ${text} not null references users (name), created_at ${text} not null, expires_at ${text} not null)`,
    "create index sessions_by_user on sessions (user_name)",
    `create table devices (
      hash ${text} primary key, user_code ${text} not null unique, label ${text} not null, names ${text} not null, actions ${text} not null,
      status ${text} not null, user_name ${text}, address ${text}, expires_at ${text} not null)`,
    `create table once (hash ${text} primary key, data ${text} not null, expires_at ${text} not null)`,
    `create table publishers (
      id ${text} primary key, name ${text} not null, issuer ${text} not null, repository ${text} not null, workflow ${text} not null,
      environment ${text}, created_at ${text} not null, created_by ${text} not null)`,
    "create index publishers_by_name on publishers (name)",
    "create index publishers_by_run on publishers (issuer, repository, workflow)",
    `create table audit (
      id ${id}, at ${text} not null, actor ${text} not null, action ${text} not null, subject ${text} not null, scope ${text},
      address ${text}, detail ${text})`,
    "create index audit_by_scope on audit (scope, id)",
    ...appendOnly("audit"),
    `alter table tokens add column user_name ${text}`,
    `alter table tokens add column addresses ${text}`,
    `alter table tokens add column used_at ${text}`,
    "create index tokens_by_user on tokens (user_name)",
    // Scopes that adapters are in already belong to the registry itself until somebody is given them.
    `insert into scopes (name, canonical, created_at, created_by, bytes, versions)
      select adapters.scope, min(replace(replace(replace(adapters.scope, '-', ''), '_', ''), '.', '')), min(versions.published_at), 'registry',
        sum(versions.size), count(*)
      from adapters inner join versions on versions.name = adapters.name group by adapters.scope`,
  ],
};
