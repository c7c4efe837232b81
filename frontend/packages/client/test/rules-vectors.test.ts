// Cases of the level "rules": the machine is fed by hand, with virtual time.
import { describe, expect, it } from "vitest";
import { judge, reportOf, type Committed, type Ending, type FaultScope, type Report, type RetryWhere } from "../src/core/answer.js";
import { createCall, createClientState, type Call, type CallAction, type ClientState } from "../src/core/call.js";
import { parseRetryAfter } from "../src/core/retry-after.js";
import { readView } from "../src/core/view.js";
import { jitterOf, numbersOf, vectorCases, type VectorCase } from "./vectors.js";

interface ToldReport {
  how?: Ending;
  status?: number;
  code?: string | null;
  scope?: FaultScope | null;
  committed?: Committed | null;
  where?: RetryWhere | null;
  askedMs?: number;
  token?: string;
  latencyMs?: number;
  stale?: boolean;
  ours?: boolean;
}

interface Step {
  at: number;
  then?: Record<string, unknown>[];
  wakeAt?: number | null;
  is?: unknown;
  begin?: { call: string; method: string; key: boolean; hedge: boolean; deadlineMs?: number; attemptTimeoutMs?: number };
  ended?: ToldReport & { call: string; attempt: number };
  tick?: string;
  cancel?: string;
  record?: ToldReport & { node: string; read: boolean; times: number };
  samples?: { node: string; read: boolean; ms: number[] };
  order?: { read: boolean };
  view?: unknown;
  from?: string;
  news?: string;
  probes?: string[];
  probed?: string;
  good?: boolean;
  open?: string;
  state?: string;
  events?: unknown[];
  retryAfter?: string;
  date?: string;
}

const BEGIN = 3_600_000;

function toReport(told: ToldReport): Report {
  const said: Report["said"] = { code: told.code ?? "" };
  if (told.scope) said.scope = told.scope;
  if (told.committed) said.committed = told.committed;
  if (told.where) said.where = told.where;
  return reportOf(told.how ?? "answer", {
    status: told.status ?? 0,
    said,
    askedMs: told.askedMs ?? 0,
    token: told.token ?? "",
    latencyMs: told.latencyMs ?? 0,
    stale: told.stale ?? false,
    ours: told.ours ?? false,
  });
}

class Bench {
  private readonly shared: ClientState;
  private readonly calls = new Map<string, Call>();
  private now = BEGIN;

  constructor(private readonly one: VectorCase) {
    const nodes = (one.given.servers ?? []).map(({ id, priority }) => ({ id, url: `http://${id}`, priority }));
    this.shared = createClientState(numbersOf(one.given), nodes, one.given.cluster ?? "", jitterOf(one.given));
    this.shared.token.seen(one.given.token ?? "");
  }

  run(): void {
    (this.one["steps"] as Step[]).forEach((step, index) => {
      this.now = BEGIN + step.at;
      this.perform(step, `step ${index + 1}`);
    });
  }

  private node(name: string): number {
    const { known } = this.shared;
    for (let i = 0; i < known.size(); i += 1) if (known.url(i) === `http://${name}`) return i;
    throw new Error(`no server is called ${name}`);
  }
  private name(index: number): string {
    return this.shared.known.url(index).slice("http://".length);
  }
  private call(label: string): Call {
    const found = this.calls.get(label);
    if (!found) throw new Error(`no call is called ${label}`);
    return found;
  }

  private perform(step: Step, where: string): void {
    if (step.begin) this.begin(step, where);
    else if (step.ended) this.onCall(step, where, step.ended.call, this.call(step.ended.call).ended(step.ended.attempt, toReport(step.ended), this.now));
    else if (step.tick !== undefined) this.onCall(step, where, step.tick, this.call(step.tick).tick(this.now));
    else if (step.cancel !== undefined) this.onCall(step, where, step.cancel, this.call(step.cancel).cancel(this.now));
    else this.onFleet(step, where);
  }

  private begin(step: Step, where: string): void {
    const told = step.begin;
    if (!told) return;
    const read = told.method === "GET" || told.method === "HEAD";
    const { deadlineMs, attemptTimeoutMs } = told;
    const made = createCall(this.shared, { read, keyed: told.key, hedge: told.hedge, deadlineMs, attemptTimeoutMs }, this.now);
    this.calls.set(told.call, made);
    this.onCall(step, where, told.call, made.start(this.now));
  }

  private told(one: CallAction): Record<string, unknown> {
    if (one.do === "drop") return { drop: one.attempt };
    if (one.do === "send") {
      const { firstByteMs, connectMs, token, hedge } = one;
      return { send: one.attempt, node: this.name(one.node), firstByteMs, connectMs, token, hedge };
    }
    const { attempt, attempts, said } = one;
    const finish = { finish: one.end, attempt, attempts, node: this.name(one.node), committed: one.effect };
    return { ...finish, how: said.how, status: said.status, code: said.said.code };
  }

  private onCall(step: Step, where: string, label: string, actions: CallAction[]): void {
    const found = actions.map((one) => this.told(one));
    const wanted = step.then ?? [];
    expect(found.length, `${where}: ${JSON.stringify(found)}`).toBe(wanted.length);
    wanted.forEach((one, index) => expect(found[index], where).toMatchObject(one));
    if (!("wakeAt" in step)) return;
    const wake = this.call(label).wakeAt();
    expect(wake === undefined ? null : wake - BEGIN, `${where}: wakeAt`).toBe(step.wakeAt);
  }

  private onFleet(step: Step, where: string): void {
    const { known } = this.shared;
    if (step.record) {
      const what = toReport(step.record);
      for (let i = 0; i < step.record.times; i += 1) known.record(this.node(step.record.node), step.record.read, what, judge(what), this.now);
    } else if (step.samples) {
      for (const latencyMs of step.samples.ms) {
        const good = reportOf("answer", { status: 200, latencyMs });
        known.record(this.node(step.samples.node), step.samples.read, good, judge(good), this.now);
      }
    } else if (step.order) {
      expect(known.order(step.order.read, this.now).map((one) => this.name(one)), where).toEqual(step.is);
    } else if (step.view !== undefined) {
      const view = readView(step.view);
      expect(view, where).toBeDefined();
      if (view) expect(known.merge(view, this.node(step.from ?? ""), this.now), where).toBe(step.news);
    } else if (step.probes) {
      expect(known.takeDueProbes(this.now).map((one) => this.name(one)), where).toEqual(step.probes);
    } else if (step.probed !== undefined) {
      known.probeDone(this.node(step.probed), step.good ?? false, this.now);
    } else {
      this.look(step, where);
    }
  }

  private look(step: Step, where: string): void {
    const { known } = this.shared;
    if (step.open !== undefined) expect(known.shut(this.node(step.open)), where).toBe(step.is);
    else if (step.state !== undefined) expect(known.state(), where).toBe(step.state);
    else if (step.events) expect(known.takeEvents(), where).toEqual(step.events);
    else if (step.retryAfter !== undefined) expect(parseRetryAfter(step.retryAfter, step.date ?? "", 0) ?? null, where).toBe(step.is);
    else throw new Error(`${where}: a step this runner does not know: ${JSON.stringify(step)}`);
  }
}

describe("the rules, by the cases all clients share", () => {
  it.each(vectorCases("rules").map((one) => [`${one.n} ${one.rule}: ${one.about}`, one] as const))("%s", (_, one) => {
    new Bench(one).run();
  });
});
