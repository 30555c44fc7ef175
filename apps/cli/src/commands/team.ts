import { LIMITS, TeamRole, type TeamRecord } from "@graft/protocol";
import { GraftError } from "@graft/error";
import { command, commandGroup } from "../command.ts";
import type { Output } from "../output.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";

const TEAM_ARGS = { ...REGISTRY_ARGS, team: { type: "positional", description: "Name of the team", required: true } } as const;
const MEMBER_ARGS = { ...TEAM_ARGS, user: { type: "positional", description: "Name of the account", required: true } } as const;

const ls = command({
  name: "team ls",
  description: "List teams, or who is in one",
  examples: ["graft team ls", "graft team ls devs"],
  args: { ...REGISTRY_ARGS, team: { type: "positional", description: "Name of the team; all teams when left out", required: false } },
  run: async ({ args, output }) => {
    const { registry } = await openClient(args);
    if (args.team !== undefined) return print(output, await registry.access.team(args.team));
    const { teams, next } = await registry.access.teams({ limit: LIMITS.pageSize });
    output.table(
      teams.map(({ name, createdAt }) => [name, createdAt]),
      { head: ["team", "since"] },
    );
    output.result({ teams, next });
  },
});

const create = command({
  name: "team create",
  description: "Make a team; you maintain it",
  examples: ["graft team create devs"],
  args: TEAM_ARGS,
  run: async ({ args, output }) => print(output, await (await openClient(args)).registry.access.createTeam(args.team)),
});

const add = command({
  name: "team add",
  description: "Put somebody in a team, or change what they are in it",
  examples: ["graft team add devs bob", "graft team add devs carol --role maintainer"],
  args: { ...MEMBER_ARGS, role: { type: "string", description: "member or maintainer", default: "member", valueHint: "role" } },
  run: async ({ args, output }) => {
    const role = TeamRole.safeParse(args.role);
    if (!role.success) throw new GraftError("USAGE", `Cannot read the role "${args.role}": want ${TeamRole.options.join(" or ")}`);
    const { registry } = await openClient(args);
    print(output, await registry.access.addMember(args.team, { user: args.user, role: role.data }));
  },
});

const rm = command({
  name: "team rm",
  description: "Take somebody out of a team",
  examples: ["graft team rm devs bob"],
  args: MEMBER_ARGS,
  run: async ({ args, output }) => print(output, await (await openClient(args)).registry.access.removeMember(args.team, args.user)),
});

const end = command({
  name: "team end",
  description: "End a team and the roles it held",
  examples: ["graft team end devs"],
  args: TEAM_ARGS,
  run: async ({ args, output }) => {
    const { registry } = await openClient(args);
    await registry.access.deleteTeam(args.team);
    output.line(`Ended the team ${args.team}`);
    output.result({ team: args.team });
  },
});

function print(output: Output, team: TeamRecord): void {
  output.table(
    team.members.map(({ user, role }) => [user, role]),
    { head: [team.name, "role"] },
  );
  output.result(team);
}

/** `graft team`: accounts that hold roles together. */
export const team = commandGroup({ name: "team", description: "List, make and change teams", commands: { ls, create, add, rm, end } });
