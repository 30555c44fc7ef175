export { graft, type GraftPluginOptions } from "./plugin.ts";
