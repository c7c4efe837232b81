// How long a node took to answer lately: percentiles, and whether it has become slow.

const KEPT = 128;
const RECENT = 20;

export interface LatencyWindow {
  add(ms: number): void;
  /** The nearest-rank percentile of what is kept; undefined while fewer than `least` samples are. */
  percentile(percent: number, least: number): number | undefined;
  /** The p95 of the last 20 is over twice that of at least 20 before them, and over `floor`. */
  doubled(floor: number): boolean;
}

function nearestRank(values: readonly number[], percent: number): number {
  const rank = Math.max(Math.floor((values.length * percent + 99) / 100), 1);
  return [...values].sort((a, b) => a - b)[rank - 1] ?? 0;
}

export function createLatencyWindow(): LatencyWindow {
  const samples: number[] = [];
  return {
    add(ms) {
      samples.push(ms);
      if (samples.length > KEPT) samples.shift();
    },
    percentile(percent, least) {
      return samples.length === 0 || samples.length < least ? undefined : nearestRank(samples, percent);
    },
    doubled(floor) {
      if (samples.length < 2 * RECENT) return false;
      const recent = nearestRank(samples.slice(-RECENT), 95);
      return recent > floor && recent > 2 * nearestRank(samples.slice(0, -RECENT), 95);
    },
  };
}
