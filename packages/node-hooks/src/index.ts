import { registerHooks } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** `node --import @graft/node-hooks app.js`: from then on `import topics from "graft:@acme/topics"` gives the adapter that the lock of the app pins. */
const PREFIX = "graft:";

registerHooks({
  resolve: (specifier, context, next) => {
    if (!specifier.startsWith(PREFIX)) return next(specifier, context);
    // The app is looked for from the file that imports.
    const parent = context.parentURL?.startsWith("file:") === true ? dirname(fileURLToPath(context.parentURL)) : process.cwd();
    return { url: `${specifier}?from=${encodeURIComponent(parent)}`, format: "module", shortCircuit: true };
  },
  load: (url, context, next) => {
    if (!url.startsWith(PREFIX)) return next(url, context);
    const [name = "", query = ""] = url.slice(PREFIX.length).split("?");
    const options = JSON.stringify({ from: new URLSearchParams(query).get("from") });
    const source = [
      `import { projectAdapter } from ${JSON.stringify(import.meta.resolve("@graft/sdk"))};`,
      `export default await projectAdapter(${JSON.stringify(name)}, ${options});`,
    ].join("\n");
    return { format: "module", source, shortCircuit: true };
  },
});

/** Beginning of the specifiers that these hooks answer. */
export { PREFIX };
