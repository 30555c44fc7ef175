/** Tokens; the text itself is nowhere. Lists are JSON texts. */
export interface TokenTable {
  id: string;
  hash: string;
  label: string;
  names: string;
  actions: string;
  created_at: string;
  expires_at: string | null;
  user_name: string | null;
  addresses: string | null;
  used_at: string | null;
}

/** Tables of tokens. */
export interface TokenTables {
  tokens: TokenTable;
}
