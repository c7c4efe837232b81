// Who is signed in: tokens kept for all tabs, renewed once for all of them, in time or when the server says so.
import type { Client } from "./client.js";
import type { CallOptions, Outcome } from "./run-call.js";
import { createMemoryStore, type SessionStore } from "./session-store.js";

export interface SignedInUser {
  id: string;
  email: string;
  role: string;
  [more: string]: unknown;
}

export interface Session {
  /** Undefined: nobody is signed in. */
  user(): SignedInUser | undefined;
  signIn(email: string, password: string): Promise<Outcome>;
  /** Forgets the tokens here whatever the server says. */
  signOut(): Promise<Outcome | undefined>;
  /** "Bearer ...", renewed if it is about to expire; undefined: nobody is signed in. For client.events() as well. */
  authorization(): Promise<string | undefined>;
  /** New tokens, once for all tabs that ask at the same time. False: nobody is signed in any more, or nobody could be asked. */
  renew(): Promise<boolean>;
  /** As client.request(), as whoever is signed in; asked once more with new tokens where the old ones did not count. */
  request(method: string, target: string, options?: CallOptions): Promise<Outcome>;
  /** Told when somebody signs in or out, in this tab or in another. Returns what ends it. */
  onChange(listener: () => void): () => void;
}

interface Kept {
  user: SignedInUser;
  accessToken: string;
  refreshToken: string;
  /** Wall clock, milliseconds. */
  expiresAt: number;
}

const EARLY_MS = 30_000;
const RENEWALS = 3;
const JSON_HEADERS = { "Content-Type": "application/json" };
const EXPIRED = new Set(["token_expired", "token_invalid", "session_ended", "unauthenticated"]);
// The server has ended this session: there is nothing to renew.
const ENDED = new Set(["token_invalid", "session_ended", "token_reused", "account_disabled", "validation_failed"]);

function readKept(text: string | null): Kept | undefined {
  if (text === null) return undefined;
  try {
    const kept = JSON.parse(text) as Partial<Kept> | null;
    const whole = typeof kept?.accessToken === "string" && typeof kept.refreshToken === "string" && kept.user !== undefined;
    return whole ? (kept as Kept) : undefined;
  } catch {
    return undefined;
  }
}

function keptOf(body: string): Kept | undefined {
  try {
    const told = JSON.parse(body) as { user: SignedInUser; accessToken: string; refreshToken: string; expiresIn: number };
    return { user: told.user, accessToken: told.accessToken, refreshToken: told.refreshToken, expiresAt: Date.now() + told.expiresIn * 1_000 };
  } catch {
    return undefined;
  }
}

export function createSession(client: Pick<Client, "request">, store: SessionStore = createMemoryStore()): Session {
  const kept = () => readKept(store.read());

  function keep(came: Outcome): boolean {
    const told = came.ok ? keptOf(came.body) : undefined;
    if (told) store.write(JSON.stringify(told));
    return told !== undefined;
  }

  // A renewal may be repeated although its answer was lost: for a minute the former token yields a sibling.
  async function renewOnce(old: Kept): Promise<boolean> {
    const options: CallOptions = { headers: JSON_HEADERS, body: JSON.stringify({ refreshToken: old.refreshToken }), key: "none" };
    for (let tries = 0; tries < RENEWALS; tries += 1) {
      const came = await client.request("POST", "/auth/refresh", options);
      if (keep(came)) return true;
      if (ENDED.has(came.code)) {
        store.write(null);
        return false;
      }
      if (came.committed === "no") return false;
    }
    return false;
  }

  function renewFrom(accessToken: string | undefined): Promise<boolean> {
    return store.exclusively(async () => {
      const now = kept();
      if (!now) return false;
      // Another tab was quicker.
      return now.accessToken !== accessToken ? true : renewOnce(now);
    });
  }

  async function authorization(): Promise<string | undefined> {
    const before = kept();
    if (before && before.expiresAt - Date.now() < EARLY_MS) await renewFrom(before.accessToken);
    const now = kept();
    return now && `Bearer ${now.accessToken}`;
  }

  async function signIn(email: string, password: string): Promise<Outcome> {
    const came = await client.request("POST", "/auth/login", { headers: JSON_HEADERS, body: JSON.stringify({ email, password }), key: "none" });
    keep(came);
    return came;
  }

  async function signOut(): Promise<Outcome | undefined> {
    const bearer = await authorization();
    store.write(null);
    if (bearer === undefined) return undefined;
    return client.request("POST", "/auth/logout", { headers: { Authorization: bearer }, key: "none" });
  }

  async function request(method: string, target: string, options: CallOptions = {}): Promise<Outcome> {
    const ask = async (key: CallOptions["key"]) => {
      const bearer = await authorization();
      const headers = bearer === undefined ? { ...options.headers } : { ...options.headers, Authorization: bearer };
      return { bearer, came: await client.request(method, target, { ...options, headers, ...(key === undefined ? {} : { key }) }) };
    };
    const first = await ask(options.key);
    if (first.bearer === undefined || first.came.status !== 401 || !EXPIRED.has(first.came.code)) return first.came;
    const renewed = await renewFrom(first.bearer.slice("Bearer ".length));
    // The same key once more: if the first attempt was in doubt after all, it is not done twice.
    return renewed ? (await ask(first.came.key === "" ? options.key : first.came.key)).came : first.came;
  }

  return {
    user: () => kept()?.user,
    signIn,
    signOut,
    authorization,
    renew: () => renewFrom(kept()?.accessToken),
    request,
    onChange: (listener) => store.onChange(listener),
  };
}
