import { z } from "zod";

/** The one shape in which every route refuses. `code` is a row of the table in `@graft/error`. */
export const ErrorBody = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      hint: z.string().optional(),
      detail: z.record(z.string(), z.unknown()).optional(),
    }),
  })
  .meta({ id: "ErrorBody" });
export type ErrorBody = z.infer<typeof ErrorBody>;
