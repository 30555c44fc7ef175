export { environment } from "./environment.ts";
export { loadTokenizer, type LoadedTokenizer } from "./load-tokenizer.ts";
export { openSession } from "./worker-session.ts";
