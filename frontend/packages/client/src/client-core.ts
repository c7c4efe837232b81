// What the parts of one client share.
import type { ClientState } from "./core/call.js";
import type { Clock, FetchLike, Surroundings } from "./transport.js";

export interface ClientCore extends Surroundings {
  fetch: FetchLike;
  now: Clock;
  rules: ClientState;
  /** Hands events to the caller and wakes the prober. */
  tell(): void;
  /** Cancels each call under way. */
  calls: Set<() => void>;
  closed(): boolean;
}
