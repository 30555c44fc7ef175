/** Addresses of pages. Names hold no character that a path must escape. */
export const LINKS = {
  adapter: (name: string, version?: string): string => `/${name}${version === undefined ? "" : `/v/${encodeURIComponent(version)}`}`,
  adapterPage: (name: string, page: "versions" | "difference" | "inside" | "try" | "feed.xml"): string => `/${name}/${page}`,
  scope: (name: string): string => `/${name.slice(0, name.indexOf("/"))}`,
  base: (fingerprint: string): string => `/bases/${fingerprint.slice("sha256:".length)}`,
  blob: (digest: string): string => `/v1/blobs/${digest}`,
  search: (query: Readonly<Record<string, string | undefined>>): string => {
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== "");
    return given.length === 0 ? "/search" : `/search?${new URLSearchParams(given).toString()}`;
  },
} as const;
