import { z } from "zod";
import { Checkpoint, HeadQuery, KeyList, LogHead, ProofQuery, Resolutions, ResolutionsRequest, VersionProof } from "../log.ts";
import { body, bytes, json, refused, versionPath } from "./operation.ts";

/** The log of changes, and the keys that sign it. */
export const LOG_ROUTES = {
  listKeys: {
    method: "get",
    path: "/v1/keys",
    summary: "Keys that sign, and how they changed",
    responses: { 200: json("Keys", KeyList), ...refused },
  },
  getHead: {
    method: "get",
    path: "/v1/log/head",
    summary: "The signed tree head, and that it goes on from a remembered one",
    request: { query: HeadQuery },
    responses: { 200: json("The head", LogHead), ...refused },
  },
  proveVersion: {
    method: "get",
    path: "/v1/adapters/{scope}/{name}/versions/{version}/proof",
    summary: "That a version is in the log, and what a tag or range stands for",
    request: { params: versionPath, query: ProofQuery },
    responses: { 200: json("The proof", VersionProof), ...refused },
  },
  resolveAll: {
    method: "post",
    path: "/v1/log/resolutions",
    summary: "What many tags and ranges stand for, signed under one tree head: for mirrors",
    request: { body: body(ResolutionsRequest) },
    responses: { 200: json("The answers", Resolutions), ...refused },
  },
  getCheckpoint: {
    method: "get",
    path: "/v1/log/checkpoint",
    summary: "The signed tree head as C2SP tlog-checkpoint writes it",
    responses: { 200: { description: "The head", content: { "text/plain": { schema: Checkpoint } } }, ...refused },
  },
  getTile: {
    method: "get",
    path: "/v1/log/tile/{level}/{path}",
    summary: "Hashes of the tree, or its leaves, as C2SP tlog-tiles writes them; the path has slashes",
    request: { params: z.object({ level: z.string(), path: z.string() }) },
    responses: { 200: bytes("A tile or a bundle of leaves"), ...refused },
  },
} as const;
