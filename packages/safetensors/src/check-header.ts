import { DTYPES } from "./dtypes.ts";
import type { Finding } from "./finding.ts";
import type { Header, TensorInfo } from "./header.ts";
import { quote } from "./invalid.ts";
import { ADAPTER_LIMITS, LIMITS } from "./limits.ts";

/** Names that mean something else to a file system or to JavaScript. */
const RESERVED = new Set(["__proto__", "constructor", "prototype", ".", "..", ""]);

/** The stricter rules of an adapter: every reason to refuse a file that the reference accepts; empty when there is none. */
export function checkHeader(header: Header): Finding[] {
  const findings: Finding[] = [...header.findings];
  const headerBytes = header.dataOffset - 8;
  if (headerBytes > ADAPTER_LIMITS.headerBytes)
    findings.push({ rule: "header-size", message: `the header has ${headerBytes} bytes, want at most ${ADAPTER_LIMITS.headerBytes}` });
  if (headerBytes % 8 !== 0)
    findings.push({ rule: "header-alignment", message: `the header has ${headerBytes} bytes, want a multiple of 8` });
  if (header.tensors.size > ADAPTER_LIMITS.tensors)
    findings.push({ rule: "tensor-count", message: `the file has ${header.tensors.size} tensors, want at most ${ADAPTER_LIMITS.tensors}` });
  for (const finding of metadataFindings(header.metadata)) findings.push(finding);
  for (const info of header.tensors.values()) {
    if (findings.length >= LIMITS.findings) break;
    for (const [rule, message] of tensorFindings(info))
      findings.push({ rule, message: `the tensor ${quote(info.name)} ${message}`, tensor: info.name });
  }
  return findings.slice(0, LIMITS.findings);
}

/** Whether a name may stand in an adapter: letters, digits, `.`, `_`, `-` and `/` between parts, bounded. */
export function isTensorName(name: string): boolean {
  return (
    name.length <= ADAPTER_LIMITS.nameLength &&
    /^[A-Za-z0-9._/-]+$/.test(name) &&
    !RESERVED.has(name) &&
    !name.split("/").some((part) => RESERVED.has(part))
  );
}

function* tensorFindings({ name, dtype, shape, begin }: TensorInfo): Generator<[Finding["rule"], string]> {
  if (!isTensorName(name))
    yield ["tensor-name", `has no plain name of 1 to ${ADAPTER_LIMITS.nameLength} characters from A-Z a-z 0-9 . _ - /`];
  if (shape.length > ADAPTER_LIMITS.rank) yield ["rank", `has ${shape.length} dimensions, want at most ${ADAPTER_LIMITS.rank}`];
  const largest = shape.reduce((left, right) => Math.max(left, right), 0);
  if (largest > ADAPTER_LIMITS.dimension) yield ["dimension", `has a dimension of ${largest}, want at most ${ADAPTER_LIMITS.dimension}`];
  const alignment = Math.max(1, DTYPES[dtype].bits / 8);
  if (Number.isInteger(alignment) && begin % alignment !== 0)
    yield ["tensor-alignment", `begins at ${begin}, want a multiple of ${alignment}`];
}

function* metadataFindings(metadata: ReadonlyMap<string, string>): Generator<Finding> {
  if (metadata.size > ADAPTER_LIMITS.metadataEntries) {
    yield { rule: "metadata-size", message: `__metadata__ has ${metadata.size} entries, want at most ${ADAPTER_LIMITS.metadataEntries}` };
    return;
  }
  for (const [key, value] of metadata) {
    if (!isTensorName(key)) yield { rule: "metadata-key", message: `the key ${quote(key)} of __metadata__ is no plain name` };
    // Tabs and line breaks are what licence texts hold; other control characters only hide things.
    // oxlint-disable-next-line no-control-regex
    if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(value))
      yield { rule: "metadata-control-character", message: `the value of ${quote(key)} in __metadata__ holds a control character` };
  }
}
