// Several tabs as one client: tokens, one stream for all, and who goes on when its tab closes.
import { beforeEach, describe, expect, it } from "vitest";
import type { Client, EventOptions, EventStream, ShopEvent } from "../src/index.js";
import { shareAmongTabs, type TabOptions } from "../src/index.js";

/** What one client does of what tabs need: keeps a token, opens streams that the test feeds. */
class FakeClient {
  kept = "";
  streams: { options: EventOptions; place: string; closed: boolean }[] = [];
  private listeners = new Set<(token: string) => void>();

  token = () => this.kept;
  takeToken = (token: string): void => {
    if (token > this.kept) this.kept = token;
  };
  onToken = (listener: (token: string) => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };
  saw(token: string): void {
    this.takeToken(token);
    for (const listener of this.listeners) listener(token);
  }
  events = (options: EventOptions): EventStream => {
    const one = { options, place: options.lastEventId ?? "", closed: false };
    this.streams.push(one);
    return { lastEventId: () => one.place, close: () => void (one.closed = true) };
  };
  /** As a node shows it: the id comes with the last event of a position. */
  show(pos: number, seq: number, whole: boolean): void {
    const one = this.streams.at(-1);
    if (!one) throw new Error("no stream");
    one.options.onEvent({ type: "ProductUpdatedEvent", pos, seq, entity: "product", entityId: "p", version: 1, data: {} });
    if (!whole) return;
    one.place = `7.${pos}.m`;
    one.options.onPlace?.(one.place);
  }
}

/** Channels, locks and a storage that live in one process. */
function createPage(): () => TabOptions {
  const open: { onmessage: ((event: MessageEvent) => unknown) | null }[] = [];
  const kept = new Map<string, string>();
  const held = new Map<string, Promise<unknown>>();
  return () => {
    const channel = {
      onmessage: null as ((event: MessageEvent) => unknown) | null,
      postMessage(data: unknown) {
        for (const other of open) if (other !== channel) other.onmessage?.({ data } as MessageEvent);
      },
      close: () => void open.splice(open.indexOf(channel), 1),
    };
    open.push(channel);
    return {
      channel: channel as unknown as NonNullable<TabOptions["channel"]>,
      storage: { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => void kept.set(name, value) },
      lock(name, work) {
        const mine = (held.get(name) ?? Promise.resolve()).then(work);
        held.set(name, mine);
        return mine;
      },
    };
  };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

describe("tabs", () => {
  let page = createPage();
  beforeEach(() => {
    page = createPage();
  });

  function openTab(): { client: FakeClient; tabs: ReturnType<typeof shareAmongTabs>; heard: string[]; stream: EventStream } {
    const client = new FakeClient();
    const tabs = shareAmongTabs(client as unknown as Client, page());
    const heard: string[] = [];
    const stream = tabs.events({
      onEvent: (event: ShopEvent) => heard.push(`${event.pos}/${event.seq}`),
      onReset: () => heard.push("reset"),
      onState: (live) => heard.push(live ? "live" : "silent"),
    });
    return { client, tabs, heard, stream };
  }

  it("tell each other the newest token, and the next start", () => {
    const [one, two] = [openTab(), openTab()];
    one.client.saw("1.5.m");
    expect(two.client.kept).toBe("1.5.m");
    expect(openTab().client.kept).toBe("1.5.m");
  });

  it("listen once, and all of them hear it", async () => {
    const [one, two] = [openTab(), openTab()];
    await settled();
    expect([one.client.streams.length, two.client.streams.length]).toEqual([1, 0]);
    one.client.streams[0]?.options.onState?.(true);
    one.client.show(1, 0, true);
    expect(one.heard).toEqual(["live", "1/0"]);
    expect(two.heard).toEqual(["live", "1/0"]);
    expect(two.stream.lastEventId()).toBe("7.1.m");
  });

  it("go on in another tab where the first stopped, nothing missed and nothing twice", async () => {
    const [one, two] = [openTab(), openTab()];
    await settled();
    one.client.show(1, 0, true);
    one.client.show(2, 0, false);
    one.stream.close();
    await settled();
    expect(one.client.streams[0]?.closed).toBe(true);
    expect(two.client.streams[0]?.options.lastEventId).toBe("7.1.m");
    two.client.show(2, 0, false);
    two.client.show(2, 1, true);
    expect(two.heard).toEqual(["1/0", "2/0", "2/1"]);
  });

  it("pass on that the place was lost", async () => {
    const [one, two] = [openTab(), openTab()];
    await settled();
    one.client.show(9, 0, true);
    one.client.streams[0]?.options.onReset();
    one.client.show(3, 0, true);
    expect(two.heard).toEqual(["9/0", "reset", "3/0"]);
    expect(one.heard).toEqual(two.heard);
  });

  it("go on from the kept place after all of them were closed", async () => {
    const one = openTab();
    await settled();
    one.client.show(4, 0, true);
    one.stream.close();
    one.tabs.close();
    const later = openTab();
    await settled();
    expect(later.client.streams[0]?.options.lastEventId).toBe("7.4.m");
  });
});
