import { BlobStored } from "../blobs.ts";
import { bytes, digestPath, json, refused, security } from "./operation.ts";

/** Bytes. An upload that broke off goes on with `Content-Range: bytes <offset>-<last>/<size>`; HEAD says the offset. */
export const BLOB_ROUTES = {
  headBlob: {
    method: "head",
    path: "/v1/blobs/{digest}",
    summary: "Whether a blob is there; if not, how much of it",
    request: { params: digestPath },
    responses: { 200: { description: "There" }, ...refused },
  },
  getBlob: {
    method: "get",
    path: "/v1/blobs/{digest}",
    summary: "Bytes, or one range of them",
    request: { params: digestPath },
    responses: { 200: bytes("All bytes"), 206: bytes("One range"), 304: { description: "Unchanged" }, ...refused },
  },
  putBlob: {
    method: "put",
    path: "/v1/blobs/{digest}",
    summary: "Upload bytes, hashed while they come in",
    security,
    request: { params: digestPath },
    responses: { 200: json("There already", BlobStored), 201: json("Stored", BlobStored), ...refused },
  },
} as const;
