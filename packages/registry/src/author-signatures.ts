import type { AuthorSignature } from "@graft/protocol";
import { openVerifyingKey, verifyStatement, type VersionStatement } from "@graft/trust";

/** An author's signature, checked: one that proves nothing is refused. SIGNATURE_INVALID, NAME_INVALID. */
export async function authorSignatures(statement: VersionStatement, author: AuthorSignature | undefined): Promise<AuthorSignature[]> {
  if (author === undefined) return [];
  await verifyStatement(statement, { signatures: [author], keys: [await openVerifyingKey(author.publicKey)] });
  return [author];
}
