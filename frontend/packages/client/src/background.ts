// What a client does between calls: probes nodes that are away, and keeps the view of the cluster.
import type { ClientCore } from "./client-core.js";
import { readViewText } from "./core/view.js";
import { readSse } from "./sse.js";
import { noReply, startAttempt, type Reply } from "./transport.js";

export interface Background {
  /** Something changed: a probe may be due sooner. */
  wake(): void;
  stop(): void;
}

export type ViewSource = "events" | "long_poll" | "every_30s" | "off";

export interface BackgroundOptions {
  views: ViewSource;
  probes: boolean;
  viewWaitSeconds: number;
  viewPeriodMs: number;
}

const AFTER_FAILURE_MS = 1_000;
const IDLE_MS = 3_600_000;

/** Waits that can be cut short; after stop() none ends. */
function createRest(): { wait(ms: number): Promise<void>; wake(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let go: (() => void) | undefined;
  function wake(): void {
    clearTimeout(timer);
    const resume = go;
    go = undefined;
    resume?.();
  }
  return {
    wait: (ms) =>
      new Promise((resolve) => {
        go = resolve;
        timer = setTimeout(wake, ms);
      }),
    wake,
    stop() {
      clearTimeout(timer);
      go = undefined;
    },
  };
}

export function startBackground(core: ClientCore, options: BackgroundOptions): Background {
  const { known } = core.rules;
  const prober = createRest();
  const watcher = createRest();
  const open = new Set<() => void>();

  // Asks one node one thing outside of any call. Status 0 when no whole answer came.
  async function ask(node: number, target: string, patienceMs: number): Promise<Reply> {
    const attempt = startAttempt(core, {
      base: known.url(node),
      method: "GET",
      target,
      headers: [["Accept", "application/json"]],
      body: undefined,
      token: "",
      firstByteMs: patienceMs,
      staleAllowed: false,
      cluster: "",
    });
    open.add(attempt.abort);
    const { report, reply } = await attempt.done;
    open.delete(attempt.abort);
    return report.how === "answer" ? reply : noReply();
  }

  async function probe(node: number): Promise<void> {
    const came = await ask(node, "/ready", core.numbers.attemptUnknownMs);
    known.probeDone(node, came.status === 200, core.now());
    core.tell();
  }

  async function probeNodes(): Promise<void> {
    while (!core.closed()) {
      const now = core.now();
      for (const node of known.takeDueProbes(now)) void probe(node);
      const next = known.probeAt(now);
      await prober.wait(next === undefined ? IDLE_MS : Math.max(Math.ceil(next - now), 0));
    }
  }

  function viewTarget(): string {
    const path = "/api/cluster/healthy-servers";
    const kept = known.viewNumber();
    return options.views !== "every_30s" && kept >= 0 ? `${path}?since=${kept}&wait=${options.viewWaitSeconds}` : path;
  }

  // Follows the events of one node for as long as they last. Whether a view came: then the way works.
  async function followViews(node: number): Promise<boolean> {
    const control = new AbortController();
    const end = () => control.abort();
    const alarm = setTimeout(end, core.numbers.attemptMaxMs);
    let told = false;
    open.add(end);
    try {
      const init = { headers: { Accept: "text/event-stream" }, signal: control.signal, cache: "no-store", credentials: "omit", redirect: "manual" } as const;
      const response = await core.fetch(`${known.url(node)}/api/events`, init);
      clearTimeout(alarm);
      if (response.status === 200)
        await readSse(response, control, (block) => {
          const view = block.type === "view" ? readViewText(block.data) : undefined;
          if (view) {
            told = true;
            known.merge(view, node, core.now());
            core.tell();
          }
          return !core.closed();
        });
      else end();
    } catch {
      end();
    }
    clearTimeout(alarm);
    open.delete(end);
    return told;
  }

  async function watchView(): Promise<void> {
    while (!core.closed()) {
      const asked = core.now();
      const node = known.order(true, asked)[0] ?? 0;
      if (options.views === "events" && (await followViews(node))) {
        // It ended: the node drains or is gone. The next may be tried at once, unless this would be a storm.
        await watcher.wait(Math.max(asked + AFTER_FAILURE_MS - core.now(), 0));
        continue;
      }
      if (core.closed()) return;
      const target = viewTarget();
      const waits = target.includes("?");
      const came = await ask(node, target, core.numbers.attemptMaxMs + (waits ? options.viewWaitSeconds * 1_000 : 0));
      const now = core.now();
      const told = came.status === 200 ? readViewText(came.body) : undefined;
      const taken = told !== undefined && known.merge(told, node, now) === "taken";
      core.tell();
      // Who does not hold the question answers at once: then asking again at once would be a storm.
      const held = told !== undefined && waits && now - asked >= AFTER_FAILURE_MS;
      let pause = held || taken ? 0 : AFTER_FAILURE_MS;
      if (options.views === "every_30s" || came.status === 404) pause = options.viewPeriodMs;
      if (pause > 0) await watcher.wait(pause);
    }
  }

  if (options.probes) void probeNodes();
  if (options.views !== "off") void watchView();
  return {
    wake: () => prober.wake(),
    stop() {
      prober.stop();
      watcher.stop();
      for (const abort of open) abort();
      open.clear();
    },
  };
}
