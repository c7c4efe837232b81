// One attempt on one node by fetch: request, answer, report.
import { reportOf, type Committed, type Ending, type FaultScope, type Report, type RetryWhere } from "./core/answer.js";
import { parseRetryAfter } from "./core/retry-after.js";
import type { ClientNumbers } from "./core/settings.js";

export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

/** Milliseconds that only go forward. */
export type Clock = () => number;

export interface Reply {
  /** 0: nobody answered. */
  status: number;
  headers: Headers;
  body: string;
}

export interface AttemptOrder {
  /** Scheme, host and port of the node. */
  base: string;
  method: string;
  /** Path and query. */
  target: string;
  headers: readonly (readonly [string, string])[];
  body: string | undefined;
  /** Empty: none. */
  token: string;
  firstByteMs: number;
  staleAllowed: boolean;
  /** The cluster the node must belong to; empty: any. */
  cluster: string;
}

export interface Attempt {
  /** Never rejects, and never settles once aborted. */
  done: Promise<{ report: Report; reply: Reply }>;
  abort(): void;
}

export interface Surroundings {
  fetch: FetchLike;
  now: Clock;
  numbers: ClientNumbers;
}

export const noReply = (): Reply => ({ status: 0, headers: new Headers(), body: "" });

const MOST_BODY_BYTES = 64 * 1024 * 1024;
const LONGEST_ASKED_MS = 86_400_000;

// Nothing of the request can have left. Browsers do not tell; Node does, by the cause.
const NEVER_LEFT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown };
  if (typeof code === "string" && NEVER_LEFT.has(code)) return code;
  if (Array.isArray(errors) && errors.length > 0) return errors.every((one) => NEVER_LEFT.has(codeOf(one))) ? codeOf(errors[0]) : "";
  return cause === undefined ? "" : codeOf(cause);
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((one) => one === value);
}

function parsed(text: string): { json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function saysJson(type: string | null): boolean {
  const bare = (type ?? "").split(";")[0]?.trim() ?? "";
  return bare === "application/json" || bare.endsWith("+json");
}

/** What a problem says of itself, and how long it asks to wait. */
export function readProblem(body: string): { said: Report["said"]; afterMs: number } {
  const said: Report["said"] = { code: "" };
  const told = parsed(body)?.json;
  if (typeof told !== "object" || told === null) return { said, afterMs: 0 };
  const { code, scope, committed, retry } = told as Record<string, unknown>;
  if (typeof code === "string") said.code = code;
  const knownScope = oneOf<FaultScope>(scope, ["request", "node", "shared"]);
  const knownEffect = oneOf<Committed>(committed, ["no", "yes", "unknown"]);
  if (knownScope) said.scope = knownScope;
  if (knownEffect) said.committed = knownEffect;
  if (typeof retry !== "object" || retry === null) return { said, afterMs: 0 };
  const { where, afterMs } = retry as Record<string, unknown>;
  const knownWhere = oneOf<RetryWhere>(where, ["none", "same", "other"]);
  if (knownWhere) said.where = knownWhere;
  return { said, afterMs: Number.isSafeInteger(afterMs) ? Math.min(Math.max(afterMs as number, 0), LONGEST_ASKED_MS) : 0 };
}

// A body that should be JSON and is not was cut or replaced on the way.
function isSound(reply: Reply, order: AttemptOrder): boolean {
  if (order.method === "HEAD" || reply.status === 204 || reply.status >= 300) return true;
  return !saysJson(reply.headers.get("Content-Type")) || parsed(reply.body) !== undefined;
}

function isForeign(response: Response, cluster: string): boolean {
  if (response.type === "opaqueredirect") return true;
  const named = response.headers.get("Kieng-Cluster") ?? "";
  if (cluster !== "" && named !== "" && named !== cluster) return true;
  return response.status >= 300 && response.status < 400 && response.status !== 304;
}

function answered(reply: Reply, order: AttemptOrder, latencyMs: number): Report {
  const { status, headers } = reply;
  const stale = order.staleAllowed && (headers.get("Age") ?? "") !== "";
  const report = reportOf("answer", { status, latencyMs, stale, token: headers.get("Kieng-Token") ?? "" });
  if (status < 400) return report;
  const { said, afterMs } = readProblem(reply.body);
  const asked = parseRetryAfter(headers.get("Retry-After") ?? "", headers.get("Date") ?? "", Date.now());
  return { ...report, said, askedMs: Math.max(afterMs, asked ?? 0) };
}

async function readBody(response: Response, progress: () => void): Promise<string> {
  if (!response.body) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    progress();
    bytes += value.byteLength;
    if (bytes > MOST_BODY_BYTES) throw new RangeError("the answer is too large");
    text += decoder.decode(value, { stream: true });
  }
}

/** Begins one attempt. What it ends as is told once, by a report and whatever came. */
export function startAttempt(by: Surroundings, order: AttemptOrder): Attempt {
  const control = new AbortController();
  const begun = by.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let silence: { how: Ending; ours: boolean } | undefined;
  let dropped = false;

  // From here on silence ends the attempt.
  function patience(ms: number, how: Ending): void {
    clearTimeout(timer);
    const until = by.now() + ms;
    const look = () => {
      const late = by.now() - until;
      // A timer counts from when the event loop last looked at the clock, so it may come early.
      if (late < 0) return void (timer = setTimeout(look, Math.ceil(-late)));
      silence = { how, ours: late > by.numbers.timerLateMs };
      control.abort();
    };
    timer = setTimeout(look, ms);
  }

  async function perform(): Promise<{ report: Report; reply: Reply }> {
    const reply = noReply();
    let latencyMs = 0;
    try {
      patience(Math.max(order.firstByteMs, 1), "timeout");
      const headers = order.headers.map(([name, value]) => [name, value] as [string, string]);
      if (order.token !== "") headers.push(["Kieng-Token", order.token]);
      const init: RequestInit = { method: order.method, headers, redirect: "manual", signal: control.signal, cache: "no-store", credentials: "omit" };
      if (order.body !== undefined) init.body = order.body;
      const response = await by.fetch(order.base + order.target, init);
      latencyMs = Math.floor(by.now() - begun);
      reply.status = response.status;
      reply.headers = response.headers;
      const stall = () => patience(by.numbers.bodyStallMs, "broken");
      stall();
      reply.body = await readBody(response, stall);
      if (!isSound(reply, order)) return { report: reportOf("broken", { status: reply.status, latencyMs }), reply };
      if (isForeign(response, order.cluster)) return { report: reportOf("foreign", { status: reply.status, latencyMs }), reply };
      return { report: answered(reply, order, latencyMs), reply };
    } catch (error) {
      const how = silence?.how ?? (reply.status !== 0 ? "broken" : codeOf(error) === "" ? "lost" : "unreachable");
      return { report: reportOf(how, { status: reply.status, latencyMs, ours: silence?.ours ?? false }), reply };
    } finally {
      clearTimeout(timer);
    }
  }

  const ended = perform();
  return {
    done: new Promise((resolve) => {
      void ended.then((came) => {
        if (!dropped) resolve(came);
      });
    }),
    abort() {
      dropped = true;
      control.abort();
    },
  };
}
