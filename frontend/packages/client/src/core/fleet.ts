// The configured nodes as one client sees them: who to ask first, who is away, whose breaker is open, what the cluster says of them, and
// what the page should be told. The configured list is never forgotten and never added to. Pure: time comes in, in milliseconds.
import type { Judgement, Report } from "./answer.js";
import { createBreaker, type Breaker } from "./breaker.js";
import { createLatencyWindow, type LatencyWindow } from "./latency.js";
import type { ClientNumbers, ConfiguredNode } from "./settings.js";
import { sameUrlForm, type View, type ViewNews } from "./view.js";

/** `degraded`: served, but not by the first choice, or the database all nodes share is in trouble. `offline`: the last call reached nobody. */
export type ServiceState = "ok" | "degraded" | "offline";

export type ClientEvent =
  | { kind: "state"; state: ServiceState }
  /** Another node serves than before: start, failover, fail_back, view. `from` is empty at the start. */
  | { kind: "server"; server: string; from: string; why: string }
  | { kind: "history_changed" };

export interface Fleet {
  /** All nodes, best first, for a read or a write that begins now. */
  order(read: boolean, now: number): number[];
  /** In good standing: breaker closed, not away, well as far as the cluster says. */
  well(node: number, now: number): boolean;
  /** Breaker open or another cluster's node. */
  shut(node: number): boolean;
  attemptTimeout(node: number, read: boolean): number;
  hedgeAfter(node: number): number;
  record(node: number, read: boolean, what: Report, is: Judgement, now: number): void;
  /** A hedged twin won: the loser took at least so long. */
  outrun(node: number, atLeastMs: number): void;
  /** The node that the caller's answer came from. `aside`: a hedge or a spilled read, no change of server. */
  servedBy(node: number, aside: boolean, now: number): void;
  /** A call that ended with an error. `reached`: whether any node answered anything. */
  callFailed(reached: boolean, now: number): void;
  callServed(stale: boolean, now: number): void;
  historyChanged(): void;
  merge(news: View, from: number, now: number): ViewNews;
  /** The id the nodes must have; empty while none is known. */
  cluster(): string;
  viewNumber(): number;
  /** Probes (GET /ready) of nodes that are away or shut: when the next is due, who is due, what came of it. */
  probeAt(now: number): number | undefined;
  takeDueProbes(now: number): number[];
  probeDone(node: number, good: boolean, now: number): void;
  takeEvents(): ClientEvent[];
  name(node: number): string;
  url(node: number): string;
  size(): number;
  state(): ServiceState;
}

interface Entry {
  name: string;
  readonly url: string;
  /** The cluster's name of it; empty until a view names it. */
  id: string;
  priority: number;
  readonly guard: Breaker;
  readonly reads: LatencyWindow;
  readonly writes: LatencyWindow;
  foreign: boolean;
  listedWell: boolean;
  away: boolean;
  /** In a row since it went away. */
  good: number;
  goodFrom: number;
  probedAt: number;
  probing: boolean;
  busyUntil: number;
}

const LATENCY_STEP_MS = 10; // nodes within the same step count as equally near
const FIRST = 0;
const BUSY = 1;
const AWAY = 2;
const UNWELL = 3;
const SHUT = 4;

function entryOf(numbers: ClientNumbers, one: ConfiguredNode): Entry {
  return {
    name: one.id === "" ? one.url : one.id,
    url: one.url,
    id: "",
    priority: one.priority,
    guard: createBreaker(numbers),
    reads: createLatencyWindow(),
    writes: createLatencyWindow(),
    foreign: false,
    listedWell: true,
    away: false,
    good: 0,
    goodFrom: 0,
    probedAt: 0,
    probing: false,
    busyUntil: Number.NEGATIVE_INFINITY,
  };
}

function compareKeys(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `cluster`: the id the nodes must have; empty: that of the first view. */
export function createFleet(numbers: ClientNumbers, configured: readonly ConfiguredNode[], cluster: string): Fleet {
  const nodes = configured.map((one) => entryOf(numbers, one));
  let view: View = { cluster, incarnation: -1, epoch: -1, number: -1, active: "", panic: false, servers: [] };
  let server: number | undefined;
  let unreached = false;
  let sharedTrouble = false;
  let state: ServiceState = "ok";
  let events: ClientEvent[] = [];

  function at(index: number): Entry {
    const found = nodes[index];
    if (!found) throw new RangeError(`no node ${index}`);
    return found;
  }
  const isShut = (who: Entry) => who.guard.isOpen() || who.foreign;
  const isActive = (who: Entry) => who.id !== "" && who.id === view.active;
  // Away, and not yet good for long enough to be asked first again.
  function isAway(who: Entry, now: number): boolean {
    return who.away && !(who.good >= numbers.failBackGood && now - who.goodFrom >= numbers.failBackStableMs);
  }
  function group(of: Entry, read: boolean, now: number): number {
    if (isShut(of)) return SHUT;
    if (!of.listedWell && !view.panic) return UNWELL;
    if (isAway(of, now)) return AWAY;
    return read && (of.busyUntil > now || of.reads.doubled(numbers.spillFloorMs)) ? BUSY : FIRST;
  }
  const well = (index: number, now: number) => group(at(index), false, now) === FIRST;

  function leave(who: Entry, now: number): void {
    who.away = true;
    who.good = 0;
    who.probedAt = now;
  }
  function goodSign(who: Entry, now: number): void {
    unreached = false;
    if (!who.away) return;
    if (who.good === 0) who.goodFrom = now;
    who.good += 1;
  }
  function updateState(now: number): void {
    let first = 0;
    nodes.forEach((one, i) => {
      const before = at(first);
      if (isActive(one) || (!isActive(before) && one.priority < before.priority)) first = i;
    });
    let is: ServiceState = "ok";
    if (unreached) is = "offline";
    else if (sharedTrouble || !well(first, now)) is = "degraded";
    if (is === state) return;
    state = is;
    events.push({ kind: "state", state: is });
  }
  function noteAnswer(who: Entry, read: boolean, what: Report, is: Judgement, now: number): void {
    unreached = false;
    const settled = is.what === "accept" || is.what === "stop";
    if (settled) (read ? who.reads : who.writes).add(what.latencyMs);
    if (settled && !is.blame && !is.leave && what.status < 500) {
      who.guard.record(true, now);
      goodSign(who, now);
    }
    if (is.what === "shared_wait" && what.status >= 500) sharedTrouble = true;
  }
  function whyServedBy(serving: number, now: number): string {
    if (server === undefined) return "start";
    const before = at(server);
    if (isShut(before) || isAway(before, now)) return "failover";
    return at(serving).away ? "fail_back" : "view";
  }
  function probeAt(who: Entry, now: number): number | undefined {
    if (who.probing) return undefined;
    if (who.guard.isOpen()) return who.guard.probeAt();
    return isAway(who, now) ? who.probedAt + numbers.probeEveryMs : undefined;
  }
  function takeServers(news: View): boolean {
    let any = false;
    for (const mine of nodes) {
      mine.listedWell = false;
      for (const told of news.servers) {
        if (sameUrlForm(told.url) !== sameUrlForm(mine.url)) continue;
        mine.id = told.id;
        mine.name = told.id;
        mine.priority = told.priority;
        mine.listedWell = told.state === "alive" || told.state === "late";
        any ||= mine.listedWell;
      }
    }
    return any;
  }

  return {
    order(read, now) {
      const keys = nodes.map((one, index) => {
        const inGroup = group(one, read, now);
        const active = inGroup !== SHUT && isActive(one);
        const near = Math.floor((one.reads.percentile(50, 1) ?? 0) / LATENCY_STEP_MS);
        return [inGroup, active ? 0 : 1, one.priority, inGroup === SHUT ? 0 : near, index];
      });
      return keys.sort(compareKeys).map((key) => key[4] ?? 0);
    },
    well,
    shut: (index) => isShut(at(index)),
    attemptTimeout(index, read) {
      const p99 = (read ? at(index).reads : at(index).writes).percentile(99, numbers.latencySamples);
      if (p99 === undefined) return numbers.attemptUnknownMs;
      return Math.min(Math.max(3 * p99, numbers.attemptMinMs), numbers.attemptMaxMs);
    },
    hedgeAfter: (index) => Math.max(at(index).reads.percentile(95, numbers.latencySamples) ?? 0, numbers.hedgeMinMs),
    record(index, read, what, is, now) {
      const who = at(index);
      if (what.ours) return;
      if (is.blame) who.guard.record(false, now);
      if (is.leave) leave(who, now);
      if (is.spill) who.busyUntil = now + Math.max(numbers.spillMs, what.askedMs);
      if (what.how === "answer") noteAnswer(who, read, what, is, now);
      updateState(now);
    },
    outrun: (index, atLeastMs) => at(index).reads.add(atLeastMs),
    servedBy(index, aside, now) {
      if (index === server || (aside && server !== undefined)) return;
      const from = server === undefined ? "" : at(server).name;
      events.push({ kind: "server", server: at(index).name, from, why: whyServedBy(index, now) });
      if (!isAway(at(index), now)) at(index).away = false;
      server = index;
    },
    callFailed(reached, now) {
      if (!reached) unreached = true;
      updateState(now);
    },
    callServed(stale, now) {
      sharedTrouble = stale;
      updateState(now);
    },
    historyChanged: () => void events.push({ kind: "history_changed" }),
    merge(news, from, now) {
      if (view.cluster !== "" && news.cluster !== view.cluster) {
        at(from).foreign = true;
        updateState(now);
        return "foreign";
      }
      at(from).foreign = false;
      if (compareKeys([news.incarnation, news.epoch, news.number], [view.incarnation, view.epoch, view.number]) <= 0) return "old";
      const any = takeServers(news);
      // A view that leaves us nobody of ours is no reason to have nobody to ask.
      view = { ...news, panic: news.panic || !any };
      updateState(now);
      return "taken";
    },
    cluster: () => view.cluster,
    viewNumber: () => view.number,
    probeAt(now) {
      const times = nodes.map((who) => probeAt(who, now)).filter((time) => time !== undefined);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    takeDueProbes(now) {
      updateState(now); // a node may have become well by time alone
      const due: number[] = [];
      nodes.forEach((who, index) => {
        const time = probeAt(who, now);
        if (time === undefined || time > now) return;
        who.probing = true;
        who.probedAt = now;
        if (who.guard.isOpen()) who.guard.probeStarted();
        due.push(index);
      });
      return due;
    },
    probeDone(index, good, now) {
      const who = at(index);
      who.probing = false;
      who.probedAt = now;
      who.guard.probeDone(good, now);
      if (good) goodSign(who, now);
      else leave(who, now);
      updateState(now);
    },
    takeEvents() {
      const taken = events;
      events = [];
      return taken;
    },
    name: (index) => at(index).name,
    url: (index) => at(index).url,
    size: () => nodes.length,
    state: () => state,
  };
}
