// What keeps retries and hedges from becoming a storm.
import type { ClientNumbers } from "./settings.js";

const ROUNDING = 1e-9;

export interface RetryBudget {
  /** A retry costs one token; false: none is left. */
  take(): boolean;
  /** A success gives a part of one back. */
  succeeded(): void;
}

export function createRetryBudget(numbers: ClientNumbers): RetryBudget {
  let tokens = numbers.budget;
  return {
    take() {
      if (tokens <= numbers.budgetFloor + ROUNDING) return false;
      tokens -= 1;
      return true;
    },
    succeeded() {
      tokens = Math.min(numbers.budget, tokens + numbers.budgetReturn);
    },
  };
}

export interface HedgeAllowance {
  readBegun(): void;
  take(): boolean;
}

/** At most a share of the reads is asked for twice. At most one hedge is saved up. */
export function createHedgeAllowance(numbers: ClientNumbers): HedgeAllowance {
  let saved = 0;
  return {
    readBegun() {
      saved = Math.min(1, saved + numbers.hedgeShare);
    },
    take() {
      if (saved < 1 - ROUNDING) return false;
      saved -= 1;
      return true;
    },
  };
}
