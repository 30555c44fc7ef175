/** Who had all bytes of a blob, and when last. */
interface BlobUploadTable {
  digest: string;
  owner: string;
  uploaded_at: string;
}

/** Blobs that nothing names, and since when that is known. */
interface BlobMarkTable {
  digest: string;
  marked_at: string;
}

/** Tables of blobs; which blobs there are, the blob store knows. */
export interface BlobTables {
  blob_uploads: BlobUploadTable;
  blob_marks: BlobMarkTable;
}
