import type { Base } from "@graft/architectures";
import type { Session, SessionOptions, Tokenizer } from "@graft/runtime";
import { train } from "@graft/train";

/** What page and Node train alike. */
export interface Run {
  readonly base: Base;
  readonly tokenizer: Tokenizer;
  readonly rows: readonly { readonly text: string; readonly label: string }[];
  readonly steps: number;
  readonly device: "cpu" | "webgpu";
  readonly openSession: (model: Uint8Array, options: SessionOptions) => Promise<Session>;
}

/** Loss of every step, and the device that it really ran on. */
export async function losses({ rows, openSession, ...rest }: Run): Promise<{ losses: number[]; device: string }> {
  const found: number[] = [];
  let device = "";
  const events = train({
    ...rest,
    openSession: async (model, options) => {
      const session = await openSession(model, options);
      device = session.device;
      return session;
    },
    task: { type: "text-classification", rows },
    method: { name: "lora", rank: 2 },
    batchSize: 2,
    maxLength: 8,
    threads: 1,
  });
  for await (const event of events) if (event.type === "step") found.push(event.loss);
  return { losses: found, device };
}
