import type { Session, SessionOptions } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { GraftError } from "@graft/error";
import { train, type TrainOptions } from "@graft/train";
import { expect, test } from "vitest";
import { tinyBase, tinyRows, tinyTokenizer } from "./tiny.ts";

/** Sessions that were opened, and of each whether it was closed. */
function watched(): { sessions: { closed: boolean }[]; open: TrainOptions["openSession"] } {
  const sessions: { closed: boolean }[] = [];
  return {
    sessions,
    open: async (model: Uint8Array, options: SessionOptions): Promise<Session> => {
      const session = await openSession(model, options);
      const entry = { closed: false };
      sessions.push(entry);
      const close = session.close.bind(session);
      session.close = () => {
        entry.closed = true;
        return close();
      };
      return session;
    },
  };
}

const base = tinyBase();
const options = (open: TrainOptions["openSession"], signal?: AbortSignal): TrainOptions => ({
  base,
  tokenizer: tinyTokenizer(),
  openSession: open,
  threads: 1,
  task: { type: "text-classification", rows: tinyRows(40), evaluation: tinyRows(60).slice(40) },
  method: { name: "lora", rank: 2 },
  epochs: 1,
  batchSize: 8,
  evaluateEvery: 2,
  samples: 2,
  ...(signal === undefined ? {} : { signal }),
});

test("who stops listening after any event leaves no session open", async () => {
  for (let wanted = 1; wanted <= 9; wanted++) {
    const { sessions, open } = watched();
    let seen = 0;
    for await (const event of train(options(open)))
      if (++seen === wanted) expect(event).toHaveProperty("type");
      else if (seen > wanted) break;
    expect(sessions.every(({ closed }) => closed)).toBe(true);
  }
});

test("a run that is cancelled at any time ends, and leaves no session open", async () => {
  for (let delay = 0; delay < 400; delay += 50) {
    const { sessions, open } = watched();
    const controller = new AbortController();
    setTimeout(() => controller.abort(), delay);
    const ended = await (async () => {
      for await (const _ of train({ ...options(open, controller.signal), epochs: 100 })) continue;
    })().catch((error: unknown) => error);
    expect(ended).toMatchObject({ code: "CANCELLED" });
    expect(sessions.every(({ closed }) => closed)).toBe(true);
  }
});

test("a session that cannot be opened closes those that were", async () => {
  const { sessions, open } = watched();
  const failing: TrainOptions["openSession"] = (model, sessionOptions) => {
    if (sessions.length > 0) throw new GraftError("ONNX_INVALID", "Cannot load the model: no reason");
    return open(model, sessionOptions);
  };
  await expect(
    (async () => {
      for await (const _ of train(options(failing))) continue;
    })(),
  ).rejects.toMatchObject({ code: "ONNX_INVALID" });
  expect(sessions).toEqual([{ closed: true }]);
});

test("a run that cannot fit into the machine is refused before it opens anything, with what to do", async () => {
  const { sessions, open } = watched();
  await expect(train({ ...options(open), memory: 10_000 }).next()).rejects.toMatchObject({
    code: "OUT_OF_MEMORY",
    message: expect.stringMatching(/^Cannot train "random bert": the run needs more than 0\.000\d+ GB, and the machine has 0\.0000100 GB$/),
    hint: expect.stringContaining("--micro-batch"),
  });
  expect(sessions).toEqual([]);
});
