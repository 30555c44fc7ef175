export { DEMO_ADAPTERS, type DemoAdapter } from "./adapters.ts";
export { fillRegistry } from "./fill-registry.ts";
export { trainDemo } from "./train-demo.ts";
