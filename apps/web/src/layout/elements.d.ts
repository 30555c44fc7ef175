import "hono/jsx";

/** Parts of pages that come alive, by the names that src/scripts defines. */
declare module "hono/jsx" {
  namespace JSX {
    interface IntrinsicElements {
      "graft-fits": HTMLAttributes;
      "graft-difference": HTMLAttributes;
      "graft-inside": HTMLAttributes;
      "graft-try": HTMLAttributes;
    }
  }
}
