import { z } from "zod";
import { AccountName } from "../accounts.ts";
import { PageQuery } from "../primitives.ts";
import { MemberRequest, TeamList, TeamName, TeamRecord } from "../teams.ts";
import { body, json, refused, security } from "./operation.ts";

const teamPath = z.object({ team: TeamName });
const memberPath = teamPath.extend({ user: AccountName });

/** Teams. */
export const TEAM_ROUTES = {
  listTeams: {
    method: "get",
    path: "/v1/teams",
    summary: "All teams",
    security,
    request: { query: PageQuery },
    responses: { 200: json("A page of teams", TeamList), ...refused },
  },
  createTeam: {
    method: "put",
    path: "/v1/teams/{team}",
    summary: "Make a team, whose maintainer is the sender",
    security,
    request: { params: teamPath },
    responses: { 201: json("The team", TeamRecord), ...refused },
  },
  getTeam: {
    method: "get",
    path: "/v1/teams/{team}",
    summary: "A team and who is in it",
    security,
    request: { params: teamPath },
    responses: { 200: json("The team", TeamRecord), ...refused },
  },
  deleteTeam: {
    method: "delete",
    path: "/v1/teams/{team}",
    summary: "End a team and the roles it held",
    security,
    request: { params: teamPath },
    responses: { 204: { description: "Ended" }, ...refused },
  },
  putMember: {
    method: "put",
    path: "/v1/teams/{team}/members/{user}",
    summary: "Put somebody in a team, or change what they are in it",
    security,
    request: { params: memberPath, body: body(MemberRequest) },
    responses: { 200: json("The team", TeamRecord), ...refused },
  },
  deleteMember: {
    method: "delete",
    path: "/v1/teams/{team}/members/{user}",
    summary: "Take somebody out of a team",
    security,
    request: { params: memberPath },
    responses: { 200: json("The team", TeamRecord), ...refused },
  },
} as const;
