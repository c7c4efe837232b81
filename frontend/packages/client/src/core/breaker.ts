// The breaker of one node: closed, open for a while, then one probe at a time until enough were good.
import type { ClientNumbers } from "./settings.js";

const REMEMBERED = 1024;

export interface Breaker {
  /** A request that came to a good or a bad end on this node. While open, good ends close it as good probes do. */
  record(good: boolean, now: number): void;
  probeAt(): number | undefined;
  /** At most one is under way. */
  probeStarted(): void;
  probeDone(good: boolean, now: number): void;
  isOpen(): boolean;
}

export function createBreaker(numbers: ClientNumbers): Breaker {
  let open = false;
  let probing = false;
  let times = 0; // it opened since it was last closed
  let inRow = 0;
  let goodOnes = 0;
  let until = 0;
  let recent: { at: number; good: boolean }[] = [];

  function trip(now: number): void {
    open = true;
    probing = false;
    goodOnes = 0;
    until = now + Math.min(numbers.breakerOpenMs * 2 ** Math.min(times, 30), numbers.breakerOpenMaxMs);
    times += 1;
  }
  function close(): void {
    open = false;
    probing = false;
    times = 0;
    inRow = 0;
    goodOnes = 0;
    recent = [];
  }
  function tooManyFailed(now: number): boolean {
    recent = recent.filter((one) => now - one.at <= numbers.breakerWindowMs);
    const bad = recent.filter((one) => !one.good).length;
    return recent.length >= numbers.breakerCalls && bad * 2 >= recent.length;
  }

  return {
    record(good, now) {
      if (open) {
        // What was sent before it opened, or because every breaker was open.
        goodOnes = good ? goodOnes + 1 : 0;
        if (goodOnes >= numbers.breakerGood) close();
        return;
      }
      inRow = good ? 0 : inRow + 1;
      recent.push({ at: now, good });
      if (recent.length > REMEMBERED) recent.shift();
      if (inRow >= numbers.breakerInRow || (!good && tooManyFailed(now))) trip(now);
    },
    probeAt: () => (open && !probing ? until : undefined),
    probeStarted() {
      probing = true;
    },
    probeDone(good, now) {
      probing = false;
      if (!open) return;
      if (!good) {
        trip(now);
        return;
      }
      goodOnes += 1;
      if (goodOnes >= numbers.breakerGood) close();
    },
    isOpen: () => open,
  };
}
