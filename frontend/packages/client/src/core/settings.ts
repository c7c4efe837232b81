// The numbers of the failover client. Source: cluster/client/VECTORS.md, "The rules". Times are milliseconds.

export interface ClientNumbers {
  /** After the first attempt. */
  retries: number;
  deadlineMs: number;
  /** At most so long before the first failover to another node. */
  firstFailoverMs: number;
  /** Of later waits: full jitter of step x 2^n. */
  waitStepMs: number;
  waitCapMs: number;
  /** Of waits after 429 and overload. */
  overloadStepMs: number;
  overloadCapMs: number;
  /** A server that asks for more is not waited for. */
  longestAskedMs: number;
  /** To the first byte: 3 x p99 between these two. */
  attemptMinMs: number;
  attemptMaxMs: number;
  /** While fewer than latencySamples were seen. */
  attemptUnknownMs: number;
  bodyStallMs: number;
  latencySamples: number;
  /** Retry tokens; at budgetFloor or less there is no retry. */
  budget: number;
  budgetFloor: number;
  budgetReturn: number;
  hedgeMinMs: number;
  hedgeShare: number;
  breakerInRow: number;
  /** Half of at least so many within breakerWindowMs. */
  breakerCalls: number;
  breakerWindowMs: number;
  breakerOpenMs: number;
  breakerOpenMaxMs: number;
  breakerGood: number;
  failBackGood: number;
  failBackStableMs: number;
  probeEveryMs: number;
  /** How long reads avoid a node that said "overloaded". */
  spillMs: number;
  /** A p95 below this never counts as slow. */
  spillFloorMs: number;
  /** A timer later than this blames ourselves. */
  timerLateMs: number;
}

export const defaultNumbers: Readonly<ClientNumbers> = {
  retries: 3,
  deadlineMs: 8_000,
  firstFailoverMs: 25,
  waitStepMs: 50,
  waitCapMs: 1_000,
  overloadStepMs: 1_000,
  overloadCapMs: 5_000,
  longestAskedMs: 5_000,
  attemptMinMs: 300,
  attemptMaxMs: 2_000,
  attemptUnknownMs: 1_000,
  bodyStallMs: 5_000,
  latencySamples: 20,
  budget: 10,
  budgetFloor: 5,
  budgetReturn: 0.1,
  hedgeMinMs: 100,
  hedgeShare: 0.05,
  breakerInRow: 3,
  breakerCalls: 5,
  breakerWindowMs: 10_000,
  breakerOpenMs: 1_000,
  breakerOpenMaxMs: 30_000,
  breakerGood: 2,
  failBackGood: 2,
  failBackStableMs: 5_000,
  probeEveryMs: 1_000,
  spillMs: 1_000,
  spillFloorMs: 50,
  timerLateMs: 250,
};

/** One configured server. Without a number of the cluster's own, the order of the list is the priority. */
export interface ConfiguredNode {
  /** What events call it until the cluster says its own id; the url when empty. */
  id: string;
  /** "http://host:port", no path. */
  url: string;
  priority: number;
}
