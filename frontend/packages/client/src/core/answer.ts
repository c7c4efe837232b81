// What one attempt came to, and what that means: whether another node would help, whether to wait, whether to stop, and whether the
// request took effect. Source: cluster/client/VECTORS.md, "The rules", judgement.

/**
 * How an attempt ended. `unreachable`: no byte of the request can have left. `lost`: the connection ended before a whole head came.
 * `timeout`: no first byte in time. `broken`: the head came, the body was cut, stalled or is not what the head says. `foreign`: another
 * cluster, or something that redirects.
 */
export type Ending = "answer" | "unreachable" | "lost" | "timeout" | "broken" | "foreign";
export type Committed = "no" | "yes" | "unknown";
export type FaultScope = "request" | "node" | "shared";
export type RetryWhere = "none" | "same" | "other";

/** The members of a problem that make failover right, as far as the answer had them. */
export interface SaidProblem {
  code: string;
  scope?: FaultScope;
  committed?: Committed;
  where?: RetryWhere;
}

export interface Report {
  how: Ending;
  /** Of answer and broken; otherwise 0. */
  status: number;
  said: SaidProblem;
  /** The larger of Retry-After and retry.afterMs. */
  askedMs: number;
  /** Kieng-Token of the answer; may be empty. */
  token: string;
  /** To the first byte. */
  latencyMs: number;
  /** An answer to Kieng-Allow-Stale that is older than the caller's token. */
  stale: boolean;
  /** Noticed by a late timer, or while we are offline: nobody else is to blame. */
  ours: boolean;
}

/** `other_node` at once on another; `same_node`, `shared_wait`: wait first; `drop_token`: forget it and ask once more. */
export type Verdict = "accept" | "other_node" | "same_node" | "shared_wait" | "drop_token" | "stop";

export interface Judgement {
  what: Verdict;
  /** Of this attempt, were it a write. */
  effect: Committed;
  /** Wait longer, blame nobody. */
  overload: boolean;
  /** Reads go elsewhere for a while. */
  spill: boolean;
  /** A failure for the breaker. */
  blame: boolean;
  /** The node loses its standing at once. */
  leave: boolean;
  /** Of several errors the heaviest is reported. */
  weight: number;
}

const WEIGHTS = { request: 60, shared: 50, node: 40, broken: 30, foreign: 30, timeout: 20, lost: 10, unreachable: 5, answer: 0 };

export function reportOf(how: Ending, more: Partial<Report> = {}): Report {
  return { how, status: 0, said: { code: "" }, askedMs: 0, token: "", latencyMs: 0, stale: false, ours: false, ...more };
}

function withoutAnswer(what: Report): Judgement {
  let effect: Committed = "unknown";
  if (what.how === "unreachable") effect = "no";
  if (what.how === "broken" && what.status >= 200 && what.status < 300) effect = "yes";
  if (what.how === "broken" && what.status >= 400 && what.status < 500) effect = "no";
  return {
    what: what.ours ? "same_node" : "other_node",
    effect,
    overload: false,
    spill: false,
    blame: !what.ours,
    leave: !what.ours,
    weight: WEIGHTS[what.how],
  };
}

function scopeOf(what: Report): FaultScope {
  if (what.said.scope) return what.said.scope;
  return what.status >= 500 && what.status !== 501 && what.status !== 505 ? "node" : "request";
}

function verdictOf(what: Report, scope: FaultScope): Verdict {
  if (what.said.code === "history_changed") return "drop_token";
  if (what.said.code === "in_progress") return "shared_wait";
  if (what.said.where === "none") return "stop";
  if (scope === "node") return "other_node";
  if (scope === "shared") return "shared_wait";
  const again = what.said.where === "same" || what.said.where === "other";
  return again || what.status === 429 || what.status === 408 ? "same_node" : "stop";
}

export function judge(what: Report): Judgement {
  if (what.how !== "answer") return withoutAnswer(what);
  const out: Judgement = { what: "accept", effect: "yes", overload: false, spill: false, blame: false, leave: false, weight: 0 };
  if (what.status < 400) return out;
  const scope = scopeOf(what);
  out.effect = what.said.committed ?? (scope === "node" ? "unknown" : "no");
  out.what = verdictOf(what, scope);
  out.weight = WEIGHTS[scope];
  const busy = what.status === 429 || what.said.code === "overloaded";
  out.overload = busy && out.what !== "stop";
  out.spill = busy && out.what === "other_node";
  if (out.what !== "other_node" || busy || what.ours) return out;
  // A stopping or starting node is left without being blamed; a node that failed at one request is blamed but not left, or one
  // poisonous request would drive everybody from node to node.
  const moving = what.said.code === "draining" || what.said.code === "starting";
  out.blame = !moving;
  out.leave = moving || what.said.code === "database_unavailable";
  return out;
}

/**
 * Of several failed attempts of one write: yes wins, then unknown. `abandoned` is the only refusal that settles what earlier attempts
 * left open.
 */
export function mergeEffect(before: Committed, what: Report, effect: Committed): Committed {
  if (what.how === "answer" && what.said.code === "abandoned") return "no";
  if (before === "yes" || effect === "yes") return "yes";
  return before === "unknown" || effect === "unknown" ? "unknown" : "no";
}
