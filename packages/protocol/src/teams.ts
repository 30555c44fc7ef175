import { z } from "zod";
import { AccountName } from "./accounts.ts";
import { Instant, NamePart } from "./primitives.ts";

/** Name of a team. */
export const TeamName = NamePart.max(64);

/** A maintainer decides who is in the team. */
export const TeamRole = z.enum(["maintainer", "member"]);
export type TeamRole = z.infer<typeof TeamRole>;

/** A team and who is in it, maintainers first. */
export const TeamRecord = z
  .object({ name: TeamName, createdAt: Instant, members: z.array(z.object({ user: AccountName, role: TeamRole })) })
  .meta({ id: "TeamRecord" });
export type TeamRecord = z.infer<typeof TeamRecord>;

/** A page of teams, by name. */
export const TeamList = z
  .object({ teams: z.array(TeamRecord.omit({ members: true })), next: z.string().optional() })
  .meta({ id: "TeamList" });
export type TeamList = z.infer<typeof TeamList>;

/** What somebody is in a team. */
export const MemberRequest = z.strictObject({ role: TeamRole.default("member") }).meta({ id: "MemberRequest" });
export type MemberRequest = z.input<typeof MemberRequest>;
