// The cases that every failover client must pass: cluster/client/vectors.json, explained in cluster/client/VECTORS.md.
import { readFileSync } from "node:fs";
import type { ViewSource } from "../src/index.js";
import { defaultNumbers, type ClientNumbers } from "../src/core/settings.js";

export interface Given {
  settings?: Partial<ClientNumbers>;
  jitter?: number[];
  token?: string;
  cluster?: string;
  servers?: { id: string; priority: number }[];
  options?: { cluster?: string; views?: ViewSource; probes?: boolean };
}

export interface VectorCase {
  n: number;
  level: "rules" | "wire" | "stream";
  rule: string;
  about: string;
  given: Given;
  [more: string]: unknown;
}

const FILE = new URL("../../../../cluster/client/vectors.json", import.meta.url);

export function vectorCases(level: VectorCase["level"]): VectorCase[] {
  const all = JSON.parse(readFileSync(FILE, "utf8")) as VectorCase[];
  return all.filter((one) => one.level === level);
}

export function numbersOf(given: Given): ClientNumbers {
  for (const name of Object.keys(given.settings ?? {})) {
    if (!(name in defaultNumbers)) throw new Error(`no setting is called ${name}`);
  }
  return { ...defaultNumbers, ...given.settings };
}

/** The draws of a case, over and over; 0 when it names none. */
export function jitterOf(given: Given): () => number {
  const draws = given.jitter ?? [0];
  let next = 0;
  return () => draws[next++ % draws.length] ?? 0;
}
