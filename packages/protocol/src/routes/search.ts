import { DownloadsQuery, DownloadsRecord, SearchQuery, SearchResponse } from "../search.ts";
import { adapterPath, json, refused } from "./operation.ts";

/** Search, and how often adapters are downloaded. */
export const SEARCH_ROUTES = {
  search: {
    method: "get",
    path: "/v1/search",
    summary: "Adapters by words and filters",
    request: { query: SearchQuery },
    responses: { 200: json("A page of adapters", SearchResponse), ...refused },
  },
  getDownloads: {
    method: "get",
    path: "/v1/adapters/{scope}/{name}/downloads",
    summary: "How often an adapter is downloaded",
    request: { params: adapterPath, query: DownloadsQuery },
    responses: { 200: json("Downloads per day and version", DownloadsRecord), ...refused },
  },
} as const;
