import { GraftError } from "@graft/error";
import type { TeamRecord, TeamRole } from "@graft/protocol";
import { allowed, signedIn } from "../authorize.ts";
import { isRoot, type Caller } from "../caller.ts";
import type { RegistryParts } from "../context.ts";
import { auditEntry } from "./audit-entry.ts";
import { given } from "../records.ts";

/** Who asks, and about which team. */
interface TeamCall {
  readonly caller: Caller | undefined;
  readonly team: string;
}

/** Makes a team whose maintainer is the sender's account. FORBIDDEN, CONFLICT. */
export async function createTeam(parts: RegistryParts, { caller, team }: TeamCall): Promise<TeamRecord> {
  const maker = allowed(caller, "admin");
  if (maker.account === undefined ? !isRoot(maker) : !maker.names.includes("*")) throw notMaintainer(team);
  const createdAt = parts.clock().toISOString();
  await parts.metadata.teams.create(
    { name: team, createdAt, createdBy: maker.actor, ...given({ maintainer: maker.account?.name }) },
    auditEntry(parts, maker, { action: "team.create", subject: team }),
  );
  return await getTeam(parts, { caller, team });
}

/** A team and who is in it; for those who are signed in. NOT_FOUND. */
export async function getTeam({ metadata }: RegistryParts, { caller, team }: TeamCall): Promise<TeamRecord> {
  signedIn(caller);
  const stored = await metadata.teams.get(team);
  if (stored === undefined)
    throw new GraftError("NOT_FOUND", `Cannot find the team "${team}"`, { hint: `Make it: graft team create ${team}` });
  return { name: stored.name, createdAt: stored.createdAt, members: await metadata.teams.members(team) };
}

/** Puts somebody in a team. FORBIDDEN, NOT_FOUND. */
export async function putMember(
  parts: RegistryParts,
  { caller, team, user, role }: TeamCall & { user: string; role: TeamRole },
): Promise<TeamRecord> {
  const asking = await maintainer(parts, { caller, team });
  const entry = auditEntry(parts, asking, { action: "team.add", subject: `${team}/${user}`, detail: { role } });
  await parts.metadata.teams.setMember(team, { member: { user, role }, entry });
  return await getTeam(parts, { caller, team });
}

/** Takes somebody out of a team; everybody may leave. FORBIDDEN, NOT_FOUND. */
export async function deleteMember(parts: RegistryParts, { caller, team, user }: TeamCall & { user: string }): Promise<TeamRecord> {
  const isOwn = caller?.account?.name === user && caller.actions.includes("admin") && caller.names.includes("*");
  const asking = isOwn ? signedIn(caller) : await maintainer(parts, { caller, team });
  await parts.metadata.teams.removeMember(team, {
    user,
    entry: auditEntry(parts, asking, { action: "team.remove", subject: `${team}/${user}` }),
  });
  return await getTeam(parts, { caller, team });
}

/** Ends a team and the roles it held. FORBIDDEN, NOT_FOUND, CONFLICT. */
export async function deleteTeam(parts: RegistryParts, { caller, team }: TeamCall): Promise<void> {
  const asking = await maintainer(parts, { caller, team });
  await parts.metadata.teams.delete(team, auditEntry(parts, asking, { action: "team.end", subject: team }));
}

async function maintainer(parts: RegistryParts, { caller, team }: TeamCall): Promise<Caller> {
  const asking = allowed(caller, "admin");
  if (isRoot(asking)) return asking;
  const members = await parts.metadata.teams.members(team);
  // A token for some names decides nothing about people.
  if (asking.names.includes("*") && members.some(({ user, role }) => user === asking.account?.name && role === "maintainer")) return asking;
  throw notMaintainer(team);
}

function notMaintainer(team: string): GraftError {
  return new GraftError("FORBIDDEN", `Cannot change the team "${team}": only its maintainers may`, {
    hint: `See who they are: graft team ls ${team}`,
  });
}
