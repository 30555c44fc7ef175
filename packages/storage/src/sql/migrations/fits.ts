import type { Migration } from "../migration.ts";

/** What fits what, without a look at every version. */
export const addFits: Migration = {
  name: "fits of adapters",
  statements: ({ text }) => [
    "alter table target_sets add column size integer not null default 0",
    "update target_sets set size = (select count(*) from targets where targets.target_set = target_sets.id)",
    `create table adapter_fits (
      base ${text} not null, name ${text} not null references adapters (name), target_set bigint not null,
      version_id bigint not null references versions (id), prerelease integer not null, sort ${text} not null,
      primary key (name, base, target_set))`,
    "create index adapter_fits_by_base on adapter_fits (base, name)",
    "create index adapter_fits_by_set on adapter_fits (target_set, name)",
    `insert into adapter_fits (base, name, target_set, version_id, prerelease, sort)
      select base, name, target_set, id, prerelease, sort from (
        select base, name, coalesce(target_set, 0) as target_set, id, prerelease, sort,
          row_number() over (partition by name, base, coalesce(target_set, 0) order by prerelease, sort desc, id desc) as place
        from versions where withdrawn_at is null
      ) ranked where place = 1`,
  ],
};
