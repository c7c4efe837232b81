// Signing in, renewing once for all tabs, and what is asked again with new tokens.
import { describe, expect, it } from "vitest";
import type { CallOptions, Outcome } from "../src/index.js";
import { createMemoryStore, createSession } from "../src/index.js";

const user = { id: "u", email: "a@b.vn", role: "cashier" };

function outcome(status: number, json: unknown, more: Partial<Outcome> = {}): Outcome {
  const code = status < 400 ? "" : ((json as { code?: string }).code ?? `http_${status}`);
  const plain = { headers: new Headers(), server: "a", attempts: 1, key: "", stale: false, ageSeconds: 0, replayed: false } as const;
  return { ok: status < 400, status, body: JSON.stringify(json), committed: "no", end: status < 400 ? "served" : "refused", code, ...plain, ...more };
}

/** A server that knows one refresh token and one access token at a time. */
class FakeServer {
  made = 0;
  readonly asked: { target: string; options: CallOptions }[] = [];
  expiresIn = 900;
  loseNext = 0;
  ended = false;

  readonly request = async (_method: string, target: string, options: CallOptions = {}): Promise<Outcome> => {
    this.asked.push({ target, options });
    await Promise.resolve();
    if (target === "/auth/login") return outcome(200, this.tokens());
    if (target === "/auth/refresh") return this.refresh(options);
    if (options.headers?.["Authorization"] !== `Bearer access${this.made}`) return outcome(401, { code: "token_expired" }, { key: "the-key-of-the-call" });
    return outcome(200, { served: true });
  };
  count(target: string): number {
    return this.asked.filter((one) => one.target === target).length;
  }
  private tokens(): unknown {
    this.made += 1;
    return { user, accessToken: `access${this.made}`, refreshToken: `refresh${this.made}`, expiresIn: this.expiresIn };
  }
  private refresh(options: CallOptions): Outcome {
    if (this.ended) return outcome(401, { code: "session_ended" });
    expect(options.key).toBe("none");
    if (this.loseNext > 0) {
      this.loseNext -= 1;
      return outcome(0, {}, { ok: false, code: "lost", committed: "unknown", end: "not_repeatable" });
    }
    return outcome(200, this.tokens());
  }
}

async function signedIn(server = new FakeServer()) {
  const store = createMemoryStore();
  const session = createSession(server, store);
  await session.signIn("a@b.vn", "secret");
  return { server, store, session };
}

describe("a session", () => {
  it("is nobody's before somebody signs in, and nobody's after", async () => {
    const server = new FakeServer();
    const session = createSession(server);
    expect(session.user()).toBeUndefined();
    expect(await session.authorization()).toBeUndefined();
    let told = 0;
    session.onChange(() => (told += 1));
    await session.signIn("a@b.vn", "secret");
    expect(session.user()).toEqual(user);
    await session.signOut();
    expect(session.user()).toBeUndefined();
    expect(told).toBe(2);
    expect(server.asked.at(-1)?.options.headers).toEqual({ Authorization: "Bearer access1" });
  });

  it("renews in time", async () => {
    const server = new FakeServer();
    server.expiresIn = 20;
    const { session } = await signedIn(server);
    server.expiresIn = 900;
    expect(await session.authorization()).toBe("Bearer access2");
    expect(await session.authorization()).toBe("Bearer access2");
    expect(server.count("/auth/refresh")).toBe(1);
  });

  it("renews once for all tabs and all calls", async () => {
    const { server, store, session } = await signedIn();
    const tabs = [session, createSession(server, store), createSession(server, store)];
    server.made = 9; // whatever is held counts no more
    const came = await Promise.all(tabs.flatMap((tab) => [1, 2, 3].map(() => tab.request("GET", "/orders"))));
    expect(came.map((one) => one.status)).toEqual(Array(9).fill(200));
    expect(server.count("/auth/refresh")).toBe(1);
  });

  it("asks again with the key of the first attempt", async () => {
    const { server, session } = await signedIn();
    server.made = 5;
    const came = await session.request("POST", "/orders", { body: "{}" });
    expect(came.ok).toBe(true);
    const orders = server.asked.filter((one) => one.target === "/orders");
    expect(orders.map((one) => one.options.key)).toEqual([undefined, "the-key-of-the-call"]);
  });

  it("renews again when the answer was lost, and not for ever", async () => {
    const { server, session } = await signedIn();
    server.loseNext = 2;
    expect(await session.renew()).toBe(true);
    expect(session.user()).toEqual(user);
    server.loseNext = 100;
    expect(await session.renew()).toBe(false);
    expect(server.count("/auth/refresh")).toBe(6);
    expect(session.user()).toEqual(user);
  });

  it("is over when the server ended it", async () => {
    const { server, session } = await signedIn();
    server.ended = true;
    server.made = 7;
    expect((await session.request("GET", "/orders")).status).toBe(401);
    expect(session.user()).toBeUndefined();
  });

  it("overlooks what somebody else wrote into its place", async () => {
    const store = createMemoryStore();
    for (const rubbish of ["", "{", "null", "[]", '{"accessToken":1}']) {
      store.write(rubbish);
      const session = createSession(new FakeServer(), store);
      expect(session.user()).toBeUndefined();
      expect(await session.renew()).toBe(false);
    }
  });
});
