// Performs what the rules decide for one call of the caller.
import type { Committed } from "./core/answer.js";
import { createCall, type CallAction, type CallEnd, type CallSpec, type FinishCall, type SendAttempt } from "./core/call.js";
import type { ClientCore } from "./client-core.js";
import { noReply, startAttempt, type Attempt, type Reply } from "./transport.js";

export interface CallOptions {
  headers?: Readonly<Record<string, string>>;
  /** Sent as it is; give the Content-Type yourself. */
  body?: string;
  /**
   * Writes carry an idempotency key: "auto" (the default) makes one for this call; any other text is the key; "none" for login, refresh,
   * logout and password, which are never repeated once bytes may have left.
   */
  key?: "auto" | "none" | (string & {});
  deadlineMs?: number;
  /** For what is known to take long. */
  attemptTimeoutMs?: number;
  /** Reads: how old an answer may be while the database is away. */
  allowStaleSeconds?: number;
  /** GET only; true by default. */
  hedge?: boolean;
  signal?: AbortSignal;
}

export interface Outcome {
  /** 2xx or 304. */
  ok: boolean;
  /** 0: nobody answered. */
  status: number;
  headers: Headers;
  body: string;
  /** Who answered, or failed last. */
  server: string;
  /** Whether a write happened. */
  committed: Committed;
  end: CallEnd;
  /** Of the error: the problem's code, "http_<status>", or unreachable, lost, timeout, broken, foreign, cancelled. Empty when ok. */
  code: string;
  attempts: number;
  /** The idempotency key, for resolve(); empty: none. */
  key: string;
  /** An older answer, as allowStaleSeconds permits. */
  stale: boolean;
  ageSeconds: number;
  replayed: boolean;
}

const READS = new Set(["GET", "HEAD", "OPTIONS"]);
const OWN_HEADERS = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "idempotency-key",
  "kieng-token",
  "kieng-allow-stale",
]);

/**
 * 128 random bits. crypto.randomUUID() is missing on pages that did not come over TLS, and all of crypto in Node 18; a key has to be
 * unlike the other keys of its caller, not secret, so the engine's own generator serves there.
 */
export function makeKey(): string {
  const bytes = new Uint8Array(16);
  if (globalThis.crypto) globalThis.crypto.getRandomValues(bytes);
  else bytes.forEach((_, index) => (bytes[index] = Math.floor(Math.random() * 256)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function keyOf(read: boolean, options: CallOptions): string {
  if (read || options.key === "none") return "";
  return options.key === undefined || options.key === "auto" ? makeKey() : options.key;
}

function headersOf(read: boolean, key: string, options: CallOptions): (readonly [string, string])[] {
  const out: [string, string][] = [];
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // A line break in a value would be a header, or a request, of the value's own.
    if (!OWN_HEADERS.has(name.toLowerCase()) && !/[\r\n\0]/.test(name + value)) out.push([name, value]);
  }
  if (!out.some(([name]) => name.toLowerCase() === "accept")) out.push(["Accept", "application/json"]);
  if (key !== "") out.push(["Idempotency-Key", key]);
  if (read && options.allowStaleSeconds !== undefined) out.push(["Kieng-Allow-Stale", String(options.allowStaleSeconds)]);
  return out;
}

function codeOf(end: FinishCall): string {
  if (end.end === "served") return "";
  if (end.end === "cancelled" && end.said.status === 0) return "cancelled";
  if (end.said.how !== "answer") return end.said.how;
  return end.said.said.code === "" ? `http_${end.said.status}` : end.said.said.code;
}

function outcomeOf(core: ClientCore, end: FinishCall, reply: Reply, key: string): Outcome {
  const { stale } = end.said;
  const age = Number.parseInt(reply.headers.get("Age") ?? "", 10);
  return {
    ok: end.end === "served",
    status: reply.status,
    headers: reply.headers,
    body: reply.body,
    server: core.rules.known.name(end.node),
    committed: end.effect,
    end: end.end,
    code: codeOf(end),
    attempts: end.attempts,
    key,
    stale,
    ageSeconds: stale && Number.isFinite(age) ? age : 0,
    replayed: reply.headers.get("Idempotency-Replayed") === "true",
  };
}

export function runCall(core: ClientCore, method: string, target: string, options: CallOptions): Promise<Outcome> {
  const read = READS.has(method);
  const key = keyOf(read, options);
  const spec: CallSpec = { read, keyed: key !== "", hedge: (options.hedge ?? true) && method === "GET" };
  if (options.deadlineMs !== undefined) spec.deadlineMs = options.deadlineMs;
  if (options.attemptTimeoutMs !== undefined) spec.attemptTimeoutMs = options.attemptTimeoutMs;
  const headers = headersOf(read, key, options);
  const staleAllowed = read && options.allowStaleSeconds !== undefined;
  const rules = createCall(core.rules, spec, core.now());
  const live = new Map<number, Attempt>();
  const replies = new Map<number, Reply>();

  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;

    function send(what: SendAttempt): void {
      const order = {
        base: core.rules.known.url(what.node),
        method,
        target,
        headers,
        body: options.body,
        token: what.token,
        firstByteMs: what.firstByteMs,
        staleAllowed,
        cluster: core.rules.known.cluster(),
      };
      const attempt = startAttempt(core, order);
      live.set(what.attempt, attempt);
      void attempt.done.then(({ report, reply }) => {
        live.delete(what.attempt);
        replies.set(what.attempt, reply);
        perform(rules.ended(what.attempt, report, core.now()));
      });
    }

    function finish(what: FinishCall): void {
      clearTimeout(timer);
      core.calls.delete(cancel);
      options.signal?.removeEventListener("abort", cancel);
      const reply = what.attempt === 0 ? undefined : replies.get(what.attempt);
      resolve(outcomeOf(core, what, reply ?? noReply(), key));
    }

    function perform(actions: CallAction[]): void {
      for (const one of actions) {
        if (one.do === "send") send(one);
        else if (one.do === "drop") live.get(one.attempt)?.abort();
        else finish(one);
      }
      core.tell();
      clearTimeout(timer);
      const wake = rules.wakeAt();
      if (wake !== undefined) timer = setTimeout(() => perform(rules.tick(core.now())), Math.max(Math.ceil(wake - core.now()), 0));
    }

    const cancel = () => perform(rules.cancel(core.now()));
    core.calls.add(cancel);
    perform(rules.start(core.now()));
    if (options.signal?.aborted || core.closed()) cancel();
    else options.signal?.addEventListener("abort", cancel);
  });
}
