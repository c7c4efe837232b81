// The stream of everything that changes (GET /api/events), followed across nodes: whoever dies, nothing is missed and nothing comes twice.
//
// One place at a time: the id that came last. A node is left when it cannot be reached, ends the stream or says nothing for longer than
// its own sign of life takes; the next one goes on from there. `view` events keep the client's view of the cluster up to date.
import type { ClientCore } from "./client-core.js";
import { judge, reportOf } from "./core/answer.js";
import { parseRetryAfter } from "./core/retry-after.js";
import { readToken } from "./core/token.js";
import { readViewText } from "./core/view.js";
import { readSse, type SseBlock } from "./sse.js";

export interface ShopEvent {
  type: string;
  pos: number;
  seq: number;
  entity: string;
  entityId: string;
  version: number;
  data: unknown;
}

export interface EventOptions {
  /** "Bearer ..." for each attempt; undefined: as nobody. */
  authorization?: () => string | undefined | Promise<string | undefined>;
  /** The id kept from an earlier run; without one the stream begins now. */
  lastEventId?: string;
  onEvent: (event: ShopEvent) => void;
  /** The place was lost (too old, or of another history): drop what you hold and read it anew. */
  onReset: () => void;
  /** The token does not count any more: renew it and say true, or false to end. */
  onUnauthorized?: () => boolean | Promise<boolean>;
  /** An id came: everything up to it has been told. */
  onPlace?: (lastEventId: string) => void;
  /** Whether events come in. */
  onState?: (live: boolean) => void;
}

export interface EventStream {
  /** Keep it for the next run. */
  lastEventId(): string;
  close(): void;
}

const LONGEST_WAIT_MS = 5_000;

type Ended = "cut" | "refused" | "unreachable" | "unauthorized";

function readShopEvent(block: SseBlock): ShopEvent | undefined {
  try {
    const told = JSON.parse(block.data) as Partial<ShopEvent> | null;
    if (!told || typeof told.pos !== "number" || typeof told.seq !== "number") return undefined;
    const { pos, seq, entity = "", entityId = "", version = 0, data } = told;
    return { type: block.type, pos, seq, entity, entityId, version, data };
  } catch {
    return undefined;
  }
}

export function followEvents(core: ClientCore, options: EventOptions): EventStream {
  const { known, token } = core.rules;
  let place = options.lastEventId ?? "";
  let last = { pos: place === "" ? -1 : Number(readToken(place)?.pos ?? -1), seq: Infinity };
  let retryMs = 1_000;
  let failures = 0;
  let askedMs = 0;
  let live = false;
  let closed = false;
  let control = new AbortController();
  let resting: { timer: ReturnType<typeof setTimeout>; go: () => void } | undefined;

  function setLive(now: boolean): void {
    if (now === live) return;
    live = now;
    options.onState?.(now);
  }

  function take(block: SseBlock, node: number): void {
    if (block.retryMs !== undefined) retryMs = block.retryMs;
    if (block.type === "view") {
      const view = readViewText(block.data);
      if (view) known.merge(view, node, core.now());
      core.tell();
      return;
    }
    if (block.type === "reset") {
      last = { pos: -1, seq: -1 };
      options.onReset();
    } else if (block.data !== "") {
      const event = readShopEvent(block);
      // The beginning of a position that had not come whole comes again.
      const isNew = event && (event.pos > last.pos || (event.pos === last.pos && event.seq > last.seq));
      if (isNew) {
        last = { pos: event.pos, seq: event.seq };
        options.onEvent(event);
      }
    }
    if (block.id === undefined) return;
    place = block.id;
    last = { pos: Number(readToken(place)?.pos ?? last.pos), seq: Infinity };
    options.onPlace?.(place);
    token.seen(place);
    core.tell();
  }

  async function once(node: number): Promise<Ended> {
    control = new AbortController();
    const headers: [string, string][] = [["Accept", "text/event-stream"]];
    const authorization = await options.authorization?.();
    if (authorization !== undefined) headers.push(["Authorization", authorization]);
    if (place !== "") headers.push(["Last-Event-ID", place]);
    const alarm = setTimeout(() => control.abort(), core.numbers.attemptMaxMs);
    let response: Response;
    try {
      response = await core.fetch(`${known.url(node)}/api/events`, { headers, signal: control.signal, cache: "no-store", credentials: "omit", redirect: "manual" });
    } catch {
      return "unreachable";
    } finally {
      clearTimeout(alarm);
    }
    if (response.status === 401) return "unauthorized";
    if (response.status !== 200) {
      askedMs = parseRetryAfter(response.headers.get("Retry-After") ?? "", response.headers.get("Date") ?? "", Date.now()) ?? 0;
      void response.body?.cancel().catch(() => undefined);
      return "refused";
    }
    const since = core.now();
    setLive(true);
    const each = (block: SseBlock) => {
      if (!closed) take(block, node);
      return !closed;
    };
    await readSse(response, control, each).catch(() => undefined);
    // Who ends each stream at once is not asked again at once.
    if (core.now() - since >= retryMs) failures = 0;
    return "cut";
  }

  // Whoever failed is not asked again while there is another.
  function choose(after: number | undefined): number {
    const order = known.order(true, core.now());
    return order.find((node) => node !== after) ?? order[0] ?? 0;
  }

  // At once to another node; whoever then fails too is given time.
  function pauseMs(): number {
    const draw = Math.min(Math.max(core.rules.jitter(), 0), 1);
    if (failures <= 1) return Math.floor(draw * core.numbers.firstFailoverMs);
    return Math.min(askedMs + Math.floor(draw * retryMs * 2 ** Math.min(failures - 2, 5)), LONGEST_WAIT_MS);
  }

  function rest(ms: number): Promise<void> {
    return new Promise((go) => {
      resting = { timer: setTimeout(go, ms), go };
    });
  }

  async function follow(): Promise<void> {
    let node = choose(undefined);
    while (!closed && !core.closed()) {
      askedMs = 0;
      const ended = await once(node);
      if (closed || core.closed()) break;
      setLive(false);
      if (ended === "unauthorized") {
        const renewed = failures < 3 && (await options.onUnauthorized?.()) === true;
        if (!renewed) break;
        failures += 1;
        continue;
      }
      failures += 1;
      if (ended === "unreachable") {
        const report = reportOf("lost");
        known.record(node, true, report, judge(report), core.now());
        core.tell();
      }
      await rest(pauseMs());
      node = choose(node);
    }
    close();
  }

  function close(): void {
    closed = true;
    core.calls.delete(close);
    control.abort();
    clearTimeout(resting?.timer);
    resting?.go();
    setLive(false);
  }

  core.calls.add(close);
  void follow();
  return { lastEventId: () => place, close };
}
