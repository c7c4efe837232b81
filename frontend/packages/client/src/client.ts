// Talks to a cluster as if it were one server that does not fail: knows who to ask, fails over by itself, repeats only what is safe to
// repeat, and says of every error whether the request took effect. Source: cluster/client/VECTORS.md, "The rules".
import { startBackground, type Background, type ViewSource } from "./background.js";
import type { ClientCore } from "./client-core.js";
import { createClientState } from "./core/call.js";
import type { ClientEvent, ServiceState } from "./core/fleet.js";
import { followEvents, type EventOptions, type EventStream } from "./events.js";
import { defaultNumbers, type ClientNumbers, type ConfiguredNode } from "./core/settings.js";
import { runCall, type CallOptions, type Outcome } from "./run-call.js";
import type { Clock, FetchLike } from "./transport.js";

export interface ServerAddress {
  /** "https://a.shop.example:4000": scheme, host and port. */
  url: string;
  /** What events call it until the cluster says its own id; by default the url. */
  id?: string;
  /** 1 is preferred; by default the order of the list. */
  priority?: number;
}

export interface ClientOptions {
  servers: readonly (string | ServerAddress)[];
  /** The id of the cluster; by default what the first view says. */
  cluster?: string;
  /** Where the view of the cluster comes from; "events" by default. */
  views?: ViewSource;
  /** Whether nodes that are away are probed; true by default. */
  probes?: boolean;
  viewWaitSeconds?: number;
  viewPeriodMs?: number;
  /** A token kept from an earlier run. */
  token?: string;
  numbers?: Partial<ClientNumbers>;
  fetch?: FetchLike;
  now?: Clock;
  /** From 0 to 1 each; random by default. */
  jitter?: () => number;
}

/** What became of a write whose outcome was unknown. */
export interface Resolution {
  is: "committed" | "never" | "unknown";
  /** Of the question itself. */
  asked: Outcome;
}

export interface Client {
  /** `target` is path and query. Resolves for whatever the network or a server does; never rejects. */
  request(method: string, target: string, options?: CallOptions): Promise<Outcome>;
  /** Settles what became of a write: after "never" it cannot happen any more. `headers` carry the caller's authorisation. */
  resolve(key: string, options?: Pick<CallOptions, "headers" | "signal" | "deadlineMs">): Promise<Resolution>;
  /** Everything that changes in the shop, as it changes, in one order and across nodes. */
  events(options: EventOptions): EventStream;
  /** State and server events. Returns what ends it. */
  onEvent(listener: (event: ClientEvent) => void): () => void;
  state(): ServiceState;
  /** Of the view kept; -1 before the first. */
  viewNumber(): number;
  /** The newest token seen, to be kept for the next run. */
  token(): string;
  /** Takes a token that another tab has seen. */
  takeToken(token: string): void;
  /** Told of each newer token. Returns what ends it. */
  onToken(listener: (token: string) => void): () => void;
  /** Ends the background work; calls under way end as `cancelled`. */
  close(): void;
}

function nodesOf(servers: ClientOptions["servers"]): ConfiguredNode[] {
  if (servers.length === 0) throw new TypeError("a client needs the address of at least one server");
  const given = servers.map((one) => (typeof one === "string" ? { url: one } : one));
  const numbered = given.some((one) => (one as ServerAddress).priority !== undefined);
  return given.map((one: ServerAddress, index) => {
    const url = new URL(one.url);
    if (!["http:", "https:"].includes(url.protocol) || url.pathname !== "/" || url.search !== "" || url.hash !== "")
      throw new TypeError(`${one.url} is no server: scheme, host and port are needed`);
    return { id: one.id ?? "", url: url.origin, priority: numbered ? (one.priority ?? 0) : index + 1 };
  });
}

function outcomeWord(body: string): Resolution["is"] {
  try {
    const told = JSON.parse(body) as { outcome?: unknown } | null;
    return told?.outcome === "committed" || told?.outcome === "never" ? told.outcome : "unknown";
  } catch {
    return "unknown";
  }
}

/** Throws TypeError for an address that is none, or none at all. */
export function createClient(options: ClientOptions): Client {
  const numbers: ClientNumbers = { ...defaultNumbers, ...options.numbers };
  const rules = createClientState(numbers, nodesOf(options.servers), options.cluster ?? "", options.jitter ?? Math.random);
  rules.token.seen(options.token ?? "");
  const listeners = new Set<(event: ClientEvent) => void>();
  const tokenListeners = new Set<(token: string) => void>();
  let toldToken = rules.token.newest();
  let closed = false;
  let background: Background | undefined;
  const core: ClientCore = {
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    now: options.now ?? (() => performance.now()),
    numbers,
    rules,
    calls: new Set(),
    closed: () => closed,
    tell() {
      for (const event of rules.known.takeEvents()) for (const listener of [...listeners]) listener(event);
      background?.wake();
      const newest = rules.token.newest();
      if (newest === toldToken) return;
      toldToken = newest;
      for (const listener of [...tokenListeners]) listener(newest);
    },
  };
  background = startBackground(core, {
    views: options.views ?? "events",
    probes: options.probes ?? true,
    viewWaitSeconds: options.viewWaitSeconds ?? 25,
    viewPeriodMs: options.viewPeriodMs ?? 30_000,
  });
  const request: Client["request"] = (method, target, how = {}) => runCall(core, method.toUpperCase(), target, how);
  return {
    request,
    async resolve(key, how = {}) {
      const asked = await request("POST", `/api/requests/${encodeURIComponent(key)}/abandon`, how);
      return { is: asked.ok ? outcomeWord(asked.body) : "unknown", asked };
    },
    events: (how) => followEvents(core, how),
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    state: () => rules.known.state(),
    viewNumber: () => rules.known.viewNumber(),
    token: () => rules.token.newest(),
    takeToken: (token) => rules.token.seen(token),
    onToken(listener) {
      tokenListeners.add(listener);
      return () => void tokenListeners.delete(listener);
    },
    close() {
      closed = true;
      background?.stop();
      for (const cancel of [...core.calls]) cancel();
    },
  };
}
