import { BlobQuery, BlobStored, DirectUpload, DirectUploadRequest } from "../blobs.ts";
import { body, bytes, digestPath, json, refused, security } from "./operation.ts";

/** Bytes. An upload that broke off goes on with `Content-Range: bytes <offset>-<last>/<size>`; HEAD says the offset, or that bytes go straight into the store. */
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
    request: { params: digestPath, query: BlobQuery },
    responses: {
      200: bytes("All bytes"),
      206: bytes("One range"),
      304: { description: "Unchanged" },
      307: { description: "The bytes are at Location; only where the query allows it" },
      ...refused,
    },
  },
  putBlob: {
    method: "put",
    path: "/v1/blobs/{digest}",
    summary: "Upload bytes, hashed while they come in",
    security,
    request: { params: digestPath },
    responses: { 200: json("There already", BlobStored), 201: json("Stored", BlobStored), ...refused },
  },
  beginUpload: {
    method: "post",
    path: "/v1/blobs/{digest}/upload",
    summary: "Begin an upload straight into the store, or go on with it",
    security,
    request: { params: digestPath, body: body(DirectUploadRequest) },
    responses: { 200: json("Where the parts go", DirectUpload), ...refused },
  },
  finishUpload: {
    method: "post",
    path: "/v1/blobs/{digest}/upload/finish",
    summary: "Join the parts that were sent; all of the bytes are read and hashed first",
    security,
    request: { params: digestPath },
    responses: { 201: json("Stored", BlobStored), ...refused },
  },
} as const;
