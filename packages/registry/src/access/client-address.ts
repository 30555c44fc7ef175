import ipaddr from "ipaddr.js";

/** Proxies that stand in front of a server at most; what claims more is no path that anybody set up. */
const HOPS = 20;

/** An address in its one written form: IPv4 mapped into IPv6 is IPv4; no port, no zone. Undefined for what is no address. */
export function plainAddress(text: string): string | undefined {
  const bare = text
    .trim()
    .replace(/^\[([^\]]+)\](?::\d+)?$/, "$1")
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1")
    .replace(/%.*$/, "");
  // Short and octal forms of IPv4 mean different addresses to different programs.
  const isWhole = bare.includes(":") ? ipaddr.IPv6.isValid(bare) : ipaddr.IPv4.isValidFourPartDecimal(bare);
  return isWhole ? ipaddr.process(bare).toString() : undefined;
}

/** Whether an address is in one of some ranges (`192.0.2.0/24`, `2001:db8::/32`, or single addresses). */
export function isWithin(address: string | undefined, ranges: readonly string[]): boolean {
  if (address === undefined) return false;
  const parsed = ipaddr.process(address);
  return ranges.some((range) => {
    const [network, bits] = parseRange(range);
    return network.kind() === parsed.kind() && (parsed as ipaddr.IPv4).match(network as ipaddr.IPv4, bits);
  });
}

/** A range whose network is IPv4 mapped into IPv6 is one of IPv4. */
function parseRange(range: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (!range.includes("/")) {
    const address = ipaddr.process(range);
    return [address, address.kind() === "ipv4" ? 32 : 128];
  }
  const [network, bits] = ipaddr.parseCIDR(range);
  const isMapped = network.kind() === "ipv6" && (network as ipaddr.IPv6).isIPv4MappedAddress() && bits >= 96;
  return isMapped ? [(network as ipaddr.IPv6).toIPv4Address(), bits - 96] : [network, bits];
}

/**
 * Where a request came from: the peer of the connection, or, while that is a proxy that is trusted, the one it says it had.
 * `X-Forwarded-For` is read from its end, since only what trusted proxies appended is known; the rest anybody can write.
 */
export function clientAddress(
  peer: string | undefined,
  { forwarded, trusted }: { readonly forwarded: string | undefined; readonly trusted: readonly string[] },
): string | undefined {
  let address = peer === undefined ? undefined : plainAddress(peer);
  const hops = (forwarded ?? "").split(",").slice(-HOPS);
  while (address !== undefined && trusted.length > 0 && isWithin(address, trusted)) {
    const next = plainAddress(hops.pop() ?? "");
    if (next === undefined) break;
    address = next;
  }
  return address;
}

/** What limits count by: one IPv4 address, or the 64 bits of IPv6 that one customer has. */
export function addressKey(address: string): string {
  const parsed = ipaddr.parse(address);
  return parsed.kind() === "ipv4" ? address : (parsed as ipaddr.IPv6).toNormalizedString().split(":").slice(0, 4).join(":");
}
