/** A text that sorts, byte by byte, as semantic versioning §11 orders versions: so a database can order and page them. */
export function versionOrder(version: string): string {
  const [core = "", ...rest] = withoutBuild(version).split("-");
  const prerelease = rest.join("-");
  const numbers = core
    .split(".")
    .map((part) => part.padStart(16, "0"))
    .join(".");
  // A release comes after all of its pre-releases: "~" sorts behind everything below.
  if (prerelease === "") return `${numbers}~`;
  return `${numbers}-${prerelease.split(".").map(identifier).join("!")}`;
}

/** Whether a version is a pre-release, such as `1.0.0-rc.1`. */
export function isPrerelease(version: string): boolean {
  return withoutBuild(version).includes("-");
}

function withoutBuild(version: string): string {
  return version.split("+", 1)[0] ?? "";
}

/** Numbers come before words, and shorter numbers before longer ones; "!" sorts before all that an identifier may hold. */
function identifier(part: string): string {
  return /^\d+$/.test(part) ? `0${String(part.length).padStart(3, "0")}${part}` : `1${part}`;
}
