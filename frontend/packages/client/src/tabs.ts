// Several tabs of one page as one client: each knows the newest token any of them has seen, and one event stream serves them all.
import type { Client } from "./client.js";
import type { EventOptions, EventStream, ShopEvent } from "./events.js";

export interface TabOptions {
  /** Tabs that use the same name belong together. */
  name?: string;
  /** Where the newest token and the stream's place are kept for the next start; localStorage where there is one. */
  storage?: Pick<Storage, "getItem" | "setItem">;
  channel?: Pick<BroadcastChannel, "postMessage" | "close" | "onmessage">;
  /** Holds a name for as long as `work` takes, one tab at a time; Web Locks where there are some. */
  lock?: (name: string, work: () => Promise<void>, signal: AbortSignal) => Promise<unknown>;
}

export interface Tabs {
  /**
   * As client.events(), but one tab listens for all. When it closes another goes on where it stopped. Its `authorization` and
   * `onUnauthorized` are asked for all tabs, so share the session, too.
   */
  events(options: EventOptions): EventStream;
  close(): void;
}

type Message = { token: string } | { event: ShopEvent; place: string } | { place: string } | { reset: string } | { live: boolean };

function storageOfPage(): TabOptions["storage"] {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

// Without Web Locks (pages that did not come over TLS) every tab has a stream of its own.
function lockOfPage(): NonNullable<TabOptions["lock"]> {
  if (typeof navigator === "undefined" || !("locks" in navigator)) return (_name, work) => work();
  return (name, work, signal) => navigator.locks.request(name, { signal }, work).catch(() => undefined);
}

export function shareAmongTabs(client: Client, options: TabOptions = {}): Tabs {
  const name = options.name ?? "kieng";
  const storage = options.storage ?? storageOfPage();
  const channel = options.channel ?? new BroadcastChannel(name);
  const lock = options.lock ?? lockOfPage();
  const streams = new Set<(message: Message) => void>();
  const say = (message: Message) => channel.postMessage(message);

  client.takeToken(storage?.getItem(`${name}.token`) ?? "");
  const endTokens = client.onToken((token) => {
    storage?.setItem(`${name}.token`, token);
    say({ token });
  });
  channel.onmessage = ({ data }: MessageEvent) => {
    const message = data as Message;
    if ("token" in message) client.takeToken(message.token);
    else for (const stream of [...streams]) stream(message);
  };

  function events(how: EventOptions): EventStream {
    const end = new AbortController();
    let place = how.lastEventId ?? storage?.getItem(`${name}.place`) ?? "";
    let own: EventStream | undefined;
    let seen = { pos: -1, seq: -1 };

    // A tab that begins to lead is shown the beginning of a position once more.
    function deliver(event: ShopEvent): void {
      if (event.pos < seen.pos || (event.pos === seen.pos && event.seq <= seen.seq)) return;
      seen = { pos: event.pos, seq: event.seq };
      how.onEvent(event);
    }
    function reset(): void {
      seen = { pos: -1, seq: -1 };
      how.onReset();
    }
    function moved(to: string): void {
      place = to;
      storage?.setItem(`${name}.place`, to);
    }
    function hear(message: Message): void {
      if ("event" in message) {
        deliver(message.event);
        place = message.place;
      } else if ("reset" in message) {
        place = message.reset;
        reset();
      } else if ("live" in message) {
        how.onState?.(message.live);
      } else if ("place" in message) {
        place = message.place;
      }
    }
    // For all tabs, until this one closes.
    function lead(): Promise<void> {
      return new Promise((done) => {
        if (end.signal.aborted) return done();
        end.signal.addEventListener("abort", () => done());
        streams.delete(hear);
        const stream = client.events({
          ...how,
          lastEventId: place,
          onEvent(event) {
            deliver(event);
            say({ event, place: stream.lastEventId() });
          },
          onPlace(to) {
            moved(to);
            say({ place: to });
          },
          onReset() {
            reset();
            say({ reset: place });
          },
          onState(live) {
            how.onState?.(live);
            say({ live });
          },
        });
        own = stream;
      });
    }

    streams.add(hear);
    void lock(`${name}.events`, lead, end.signal);
    return {
      lastEventId: () => own?.lastEventId() ?? place,
      close() {
        streams.delete(hear);
        own?.close();
        end.abort();
      },
    };
  }

  return {
    events,
    close() {
      endTokens();
      channel.close();
    },
  };
}
