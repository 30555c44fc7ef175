import { defineConfig } from "vitest/config";

/**
 * Tests import packages by their public names and read the sources: no build comes first. "import" is not among them: Node would get it
 * for `require` as well, and give a CommonJS module the ES module of what it requires.
 */
const conditions = ["@graft/source", "node"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["{packages,apps}/*/test/**/*.test.ts", "test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    // Tests that use ONNX Runtime by themselves: its reports to its maker are off, as sessions of Graft have it.
    env: { ORT_DISABLE_TELEMETRY: "1" },
    execArgv: ["--conditions=@graft/source"],
    // Generous: a busy machine must not fail what an idle one passes.
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
});
