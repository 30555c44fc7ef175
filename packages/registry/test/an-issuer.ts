import { OAuth2Server } from "oauth2-mock-server";

/** An issuer of OpenID Connect on a free port of loopback, which we did not write. */
export async function anIssuer() {
  const server = new OAuth2Server();
  await server.issuer.keys.generate("RS256");
  await server.start(0, "127.0.0.1");
  const issuer = server.issuer.url ?? "";
  /** A signed token with these claims; undefined removes one. */
  const token = (claims: Record<string, unknown>, header: Record<string, unknown> = {}): Promise<string> =>
    server.issuer.buildToken({
      scopesOrTransform: (head, payload) => {
        Object.assign(head, header);
        Object.assign(payload, claims);
        for (const [name, value] of Object.entries(claims)) if (value === undefined) delete payload[name];
      },
    });
  return { server, issuer, token, stop: () => server.stop() };
}

/** An issuer under test. */
export type TestIssuer = Awaited<ReturnType<typeof anIssuer>>;
