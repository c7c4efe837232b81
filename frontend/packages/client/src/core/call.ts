// One call of the caller: which attempts to make, on which node, when; when to give up; and what to say in the end.
//
// The owner performs the actions and feeds back what happened, with the time; after each input it asks wakeAt() and calls tick() then.
// Pure: no I/O, no clock, chance comes in as numbers from 0 to 1. All calls of one client share its ClientState.
import { judge, mergeEffect, reportOf, type Committed, type Judgement, type Report } from "./answer.js";
import { createHedgeAllowance, createRetryBudget, type HedgeAllowance, type RetryBudget } from "./budget.js";
import { createFleet, type Fleet } from "./fleet.js";
import type { ClientNumbers, ConfiguredNode } from "./settings.js";
import { createTokenKeeper, type TokenKeeper } from "./token.js";

export interface ClientState {
  readonly numbers: ClientNumbers;
  readonly known: Fleet;
  readonly budget: RetryBudget;
  readonly hedges: HedgeAllowance;
  readonly token: TokenKeeper;
  /** One draw per wait, from 0 to 1. */
  readonly jitter: () => number;
}

export function createClientState(
  numbers: ClientNumbers,
  nodes: readonly ConfiguredNode[],
  cluster: string,
  jitter: () => number,
): ClientState {
  return {
    numbers,
    known: createFleet(numbers, nodes, cluster),
    budget: createRetryBudget(numbers),
    hedges: createHedgeAllowance(numbers),
    token: createTokenKeeper(),
    jitter,
  };
}

export interface CallSpec {
  /** GET, HEAD, OPTIONS. */
  read: boolean;
  /** A write that carries an idempotency key. */
  keyed: boolean;
  /** GET only. */
  hedge: boolean;
  deadlineMs?: number | undefined;
  /** To the first byte, instead of 3 x p99. */
  attemptTimeoutMs?: number | undefined;
}

/**
 * `refused`: the answer is final. `not_repeatable`: a write without a key whose fate is open. `asked_too_long`: the server asks for a
 * longer wait than we make.
 */
export type CallEnd =
  | "served"
  | "refused"
  | "not_repeatable"
  | "retries_used"
  | "budget_spent"
  | "asked_too_long"
  | "deadline"
  | "cancelled";

export interface SendAttempt {
  do: "send";
  /** 1, 2, .. */
  attempt: number;
  node: number;
  connectMs: number;
  /** From the start of the attempt. */
  firstByteMs: number;
  /** Empty: none. */
  token: string;
  hedge: boolean;
}
/** Close its connection; nothing more of it is wanted. */
export interface DropAttempt {
  do: "drop";
  attempt: number;
}
export interface FinishCall {
  do: "finish";
  end: CallEnd;
  /** Whose answer is handed to the caller; 0: nobody answered. */
  attempt: number;
  node: number;
  effect: Committed;
  /** The answer, or the error that says most. */
  said: Report;
  attempts: number;
}
export type CallAction = SendAttempt | DropAttempt | FinishCall;

export interface Call {
  start(now: number): CallAction[];
  /** What an attempt came to. Attempts that were dropped or are unknown are ignored. */
  ended(attempt: number, what: Report, now: number): CallAction[];
  tick(now: number): CallAction[];
  cancel(now: number): CallAction[];
  /** When to call tick() next. Undefined once finished. */
  wakeAt(): number | undefined;
}

interface Flight {
  attempt: number;
  node: number;
  sent: number;
  /** The node was in good standing then. */
  well: boolean;
  hedge: boolean;
  token: string;
}

const TOO_LITTLE_MS = 1; // time left in which no attempt can come to anything

export function createCall(shared: ClientState, how: CallSpec, begun: number): Call {
  const { known, numbers } = shared;
  const deadline = begun + (how.deadlineMs ?? numbers.deadlineMs);
  const tries: number[] = Array.from({ length: known.size() }, () => 0);
  let flights: Flight[] = [];
  let retry: { at: number; node: number } | undefined;
  let hedgeAt: number | undefined;
  let attempts = 0;
  let retries = 0;
  let waits = 0;
  let failedOver = false;
  let droppedToken = false;
  let reached = false;
  let done = false;
  let effect: Committed = "no";
  let heaviest = { attempt: 0, node: 0, said: reportOf("answer"), weight: -1 };
  let out: CallAction[] = [];

  const tried = (node: number) => (tries[node] ?? 0) > 0;
  function taken(): CallAction[] {
    const actions = out;
    out = [];
    return actions;
  }

  function send(node: number, hedge: boolean, now: number): void {
    attempts += 1;
    tries[node] = (tries[node] ?? 0) + 1;
    const left = deadline - now;
    const usual = known.attemptTimeout(node, how.read);
    // What cannot be repeated is not cut short: nothing would be gained by it.
    const cutShort = how.read || how.keyed;
    const firstByteMs = Math.min(how.attemptTimeoutMs ?? (cutShort ? usual : left), left);
    const token = shared.token.newest();
    flights.push({ attempt: attempts, node, sent: now, well: known.well(node, now), hedge, token });
    out.push({ do: "send", attempt: attempts, node, connectMs: Math.min(how.attemptTimeoutMs ?? usual, left), firstByteMs, token, hedge });
  }

  function dropAll(now: number, outrun: boolean): void {
    for (const one of flights) {
      if (outrun) known.outrun(one.node, now - one.sent);
      out.push({ do: "drop", attempt: one.attempt });
    }
    flights = [];
  }

  function giveUp(why: CallEnd, now: number): void {
    if (flights.length > 0 && !how.read) effect = mergeEffect(effect, reportOf("timeout"), "unknown");
    dropAll(now, false);
    done = true;
    if (why !== "cancelled") known.callFailed(reached, now);
    const { attempt, node, said } = heaviest;
    out.push({ do: "finish", end: why, attempt, node, effect, said, attempts });
  }

  function serve(of: Flight, what: Report, now: number): void {
    dropAll(now, true);
    shared.budget.succeeded();
    known.callServed(what.stale, now);
    const aside = of.hedge || of.node !== known.order(false, now)[0];
    known.servedBy(of.node, aside, now);
    done = true;
    out.push({ do: "finish", end: "served", attempt: of.attempt, node: of.node, effect: how.read ? "no" : "yes", said: what, attempts });
  }

  function remember(attempt: number, node: number, what: Report, is: Judgement): void {
    if (!how.read) effect = mergeEffect(effect, what, is.effect);
    if (is.weight < heaviest.weight) return;
    heaviest = { attempt: what.how === "answer" ? attempt : 0, node, said: what, weight: is.weight };
  }

  function nextNode(after: Flight, is: Judgement, now: number): number {
    const order = known.order(how.read, now);
    if (is.what !== "other_node") return known.well(after.node, now) ? after.node : (order[0] ?? after.node);
    let best = after.node;
    for (const node of order) {
      if (node === after.node) continue;
      if (best === after.node || (tries[node] ?? 0) < (tries[best] ?? 0)) best = node;
    }
    return best;
  }

  function waitFor(askedMs: number, is: Judgement, fresh: boolean): number {
    if (is.what === "drop_token") return 0;
    const draw = Math.min(Math.max(shared.jitter(), 0), 1);
    if (fresh) return Math.floor(draw * numbers.firstFailoverMs);
    const longer = is.overload && askedMs === 0;
    const most = (longer ? numbers.overloadStepMs : numbers.waitStepMs) * 2 ** waits;
    waits += 1;
    return askedMs + Math.floor(draw * Math.min(most, longer ? numbers.overloadCapMs : numbers.waitCapMs));
  }

  function dropToken(of: Flight, what: Report): boolean {
    if (droppedToken) return false;
    droppedToken = true;
    if (shared.token.drop(of.token)) known.historyChanged();
    shared.token.seen(what.token);
    return true;
  }

  function planRetry(of: Flight, what: Report, is: Judgement, now: number): void {
    if (!how.read && !how.keyed && is.effect !== "no") return giveUp("not_repeatable", now);
    if (is.what === "drop_token" && !dropToken(of, what)) return giveUp("refused", now);
    if (retries >= numbers.retries) return giveUp("retries_used", now);
    const node = nextNode(of, is, now);
    const elsewhere = is.what === "other_node" && !tried(node);
    if (!elsewhere && what.askedMs > numbers.longestAskedMs) return giveUp("asked_too_long", now);
    // Leaving a node that was well when it was asked is free, however many calls were under way: only what comes after that could
    // become a storm.
    const free = of.well && is.what === "other_node" && !is.overload;
    if (!free && !shared.budget.take()) return giveUp("budget_spent", now);
    const wait = waitFor(elsewhere ? 0 : what.askedMs, is, elsewhere && !failedOver);
    if (now + wait + TOO_LITTLE_MS > deadline) return giveUp("deadline", now);
    failedOver ||= elsewhere;
    retries += 1;
    if (wait === 0) send(node, false, now);
    else retry = { at: now + wait, node };
  }

  function failed(of: Flight, what: Report, is: Judgement, now: number): void {
    if (!of.hedge) hedgeAt = undefined;
    remember(of.attempt, of.node, what, is);
    if (is.what === "stop") {
      dropAll(now, false);
      giveUp("refused", now);
      return;
    }
    if (flights.length > 0) return; // its twin may still make it
    // An attempt that had all the time that was left ended by the deadline, whichever timer came first.
    if (now + TOO_LITTLE_MS >= deadline) giveUp("deadline", now);
    else planRetry(of, what, is, now);
  }

  // Whoever had his usual time and did not answer is to blame; the deadline itself is the caller's.
  function blameTheSilent(now: number): void {
    for (const one of flights) {
      const silent = reportOf("timeout");
      const is = judge(silent);
      if (heaviest.weight < is.weight) remember(one.attempt, one.node, silent, is);
      if (now - one.sent >= known.attemptTimeout(one.node, how.read)) known.record(one.node, how.read, silent, is, now);
    }
  }

  function hedge(now: number): void {
    hedgeAt = undefined;
    const node = known.order(true, now).find((one) => !tried(one) && known.well(one, now));
    if (node !== undefined && shared.hedges.take()) send(node, true, now);
  }

  return {
    start(now) {
      const first = known.order(how.read, now)[0] ?? 0;
      send(first, false, now);
      if (how.read && how.hedge) {
        shared.hedges.readBegun();
        hedgeAt = now + known.hedgeAfter(first);
      }
      return taken();
    },
    ended(attempt, what, now) {
      const of = flights.find((one) => one.attempt === attempt);
      if (done || !of) return [];
      flights = flights.filter((one) => one !== of);
      const is = judge(what);
      known.record(of.node, how.read, what, is, now);
      reached ||= what.how === "answer";
      if (is.what !== "drop_token") shared.token.seen(what.token);
      if (is.what === "accept") serve(of, what, now);
      else failed(of, what, is, now);
      return taken();
    },
    tick(now) {
      if (done) return [];
      if (now >= deadline) {
        blameTheSilent(now);
        giveUp("deadline", now);
      } else if (retry && now >= retry.at) {
        const { node } = retry;
        retry = undefined;
        send(node, false, now);
      } else if (hedgeAt !== undefined && now >= hedgeAt) {
        hedge(now);
      }
      return taken();
    },
    cancel(now) {
      if (done) return [];
      giveUp("cancelled", now);
      return taken();
    },
    wakeAt() {
      if (done) return undefined;
      return Math.min(deadline, retry?.at ?? Infinity, hedgeAt ?? Infinity);
    },
  };
}
