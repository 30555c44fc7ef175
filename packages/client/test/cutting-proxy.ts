import { createServer, connect, type Socket } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** A proxy that cuts each connection after so many bytes in one direction, until `cuts` are used up. */
export async function cuttingProxy(
  target: string,
  options: { direction: "up" | "down"; after: number; cuts: number },
): Promise<{ url: string; cut: () => number; close(): Promise<void> }> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let cut = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let passed = 0;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", end);
      socket.on("close", end);
    }
    const pass = (from: Socket, to: Socket, counted: boolean): void => {
      from.on("data", (chunk: Buffer) => {
        if (counted && cut < options.cuts && (passed += chunk.length) > options.after) {
          cut += 1;
          to.write(chunk.subarray(0, 1000), () => setTimeout(end, 20));
          from.pause();
        } else if (!to.write(chunk)) {
          from.pause();
          to.once("drain", () => from.resume());
        }
      });
    };
    pass(client, upstream, options.direction === "up");
    pass(upstream, client, options.direction === "down");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => cut,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
