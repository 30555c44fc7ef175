/** Small documents of a mirror by key, whole or absent. */
export interface MirrorStore {
  read(key: string): Promise<string | undefined>;
  write(key: string, text: string): Promise<void>;
  /** Every key. */
  list(): Promise<string[]>;
}
