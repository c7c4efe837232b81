// The stream of events across nodes: who dies, what is resumed, what comes once.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createClient, type Client, type EventOptions, type ShopEvent } from "../src/index.js";
import { createSseParser } from "../src/sse.js";

interface Listener {
  lastEventId: string | undefined;
  authorization: string | undefined;
  send(text: string): void;
  cut(): void;
}

class Node {
  readonly listeners: Listener[] = [];
  answer = 200;
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Node> {
    const server = createServer();
    const node = new Node(server);
    server.on("request", (request, response) => node.serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return node;
  }
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
  private serve(request: IncomingMessage, response: ServerResponse): void {
    if (request.url !== "/api/events") return void response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
    const { authorization, "last-event-id": lastEventId } = request.headers;
    if (this.answer === 200) response.writeHead(200, { "Content-Type": "text/event-stream" }).write("retry: 5\n\n");
    else response.writeHead(this.answer).end();
    this.listeners.push({
      lastEventId: lastEventId as string | undefined,
      authorization,
      send: (text) => void response.write(text),
      cut: () => void response.destroy(),
    });
  }
  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

const token = (pos: number) => `7.${pos}.0123456789abcdef`;
const event = (pos: number, seq: number, id?: string) =>
  `event: ProductUpdatedEvent\ndata: ${JSON.stringify({ pos, seq, type: "ProductUpdatedEvent", entity: "product", entityId: "p", version: pos, data: {} })}\n${id === undefined ? "" : `id: ${id}\n`}\n`;

async function until(done: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!done()) {
    if (performance.now() > deadline) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe("the stream of events", () => {
  const nodes: Node[] = [];
  let client: Client | undefined;
  const seen: ShopEvent[] = [];
  let resets = 0;

  async function follow(more: Partial<EventOptions> = {}): Promise<{ a: Node; b: Node; stream: ReturnType<Client["events"]> }> {
    const [a, b] = [await Node.start(), await Node.start()];
    nodes.push(a, b);
    client = createClient({ servers: [a.url, b.url], views: "off", probes: false, jitter: () => 0 });
    const stream = client.events({ onEvent: (one) => seen.push(one), onReset: () => (resets += 1), ...more });
    return { a, b, stream };
  }
  const places = () => seen.map((one) => `${one.pos}/${one.seq}`);

  afterEach(() => {
    client?.close();
    for (const node of nodes.splice(0)) node.stop();
    seen.length = 0;
    resets = 0;
  });

  it("goes on from the last id on another node when the first dies, and gives nothing twice", async () => {
    const { a, b, stream } = await follow();
    await until(() => a.listeners.length === 1, "a listener at a");
    expect(a.listeners[0]?.lastEventId).toBeUndefined();
    a.listeners[0]?.send(event(1, 0, token(1)) + event(2, 0));
    await until(() => seen.length === 2, "two events");
    expect(stream.lastEventId()).toBe(token(1));
    a.listeners[0]?.cut();
    await until(() => b.listeners.length === 1, "a listener at b");
    expect(b.listeners[0]?.lastEventId).toBe(token(1));
    b.listeners[0]?.send(event(2, 0) + event(2, 1, token(2)) + event(3, 0, token(3)));
    await until(() => seen.length === 4, "four events");
    expect(places()).toEqual(["1/0", "2/0", "2/1", "3/0"]);
    expect(client?.token()).toBe(token(3));
  });

  it("asks another node when the first cannot be reached, and learns of the cluster by the way", async () => {
    const { a, b } = await follow();
    await until(() => a.listeners.length === 1, "a listener at a");
    a.stop();
    await until(() => b.listeners.length === 1, "a listener at b");
    const view = { cluster: "shop", incarnation: 1, epoch: 2, view: 3, active: "server-b", panic: false, servers: [{ id: "server-b", url: b.url, priority: 1, state: "alive" }] };
    b.listeners[0]?.send(`event: view\ndata: ${JSON.stringify(view)}\n\n`);
    await until(() => client?.viewNumber() === 3, "the view");
    expect(seen).toEqual([]);
  });

  it("says when its place was lost", async () => {
    const { a, stream } = await follow({ lastEventId: token(9) });
    await until(() => a.listeners.length === 1, "a listener");
    expect(a.listeners[0]?.lastEventId).toBe(token(9));
    a.listeners[0]?.send(event(9, 0, token(9)) + `event: reset\ndata: {}\nid: 8.4.0123456789abcdef\n\n` + event(5, 0, "8.5.0123456789abcdef"));
    await until(() => seen.length === 1, "an event of the new history");
    expect(resets).toBe(1);
    expect(places()).toEqual(["5/0"]);
    expect(stream.lastEventId()).toBe("8.5.0123456789abcdef");
  });

  async function behindADoor(onUnauthorized: () => boolean): Promise<{ a: Node; keys: () => (string | undefined)[]; states: boolean[] }> {
    const a = await Node.start();
    nodes.push(a);
    a.answer = 401;
    const states: boolean[] = [];
    client = createClient({ servers: [a.url], views: "off", probes: false, jitter: () => 0 });
    const authorization = () => `Bearer ${a.listeners.length}`;
    client.events({ onEvent: () => undefined, onReset: () => undefined, authorization, onUnauthorized, onState: (live) => states.push(live) });
    return { a, keys: () => a.listeners.map((one) => one.authorization), states };
  }

  it("renews a token that does not count any more", async () => {
    const { keys, states } = await behindADoor(() => {
      nodes.forEach((node) => (node.answer = 200));
      return true;
    });
    await until(() => states.includes(true), "events");
    expect(keys()).toEqual(["Bearer 0", "Bearer 1"]);
  });

  it("ends where the token cannot be renewed", async () => {
    let asked = 0;
    const { keys } = await behindADoor(() => {
      asked += 1;
      return false;
    });
    await until(() => asked === 1, "the question");
    await client?.request("GET", "/after");
    expect(keys()).toEqual(["Bearer 0"]);
  });

  it("leaves a node that refuses for another", async () => {
    const [a, b] = [await Node.start(), await Node.start()];
    nodes.push(a, b);
    a.answer = 503;
    client = createClient({ servers: [a.url, b.url], views: "off", probes: false, jitter: () => 0 });
    client.events({ onEvent: (one) => seen.push(one), onReset: () => undefined });
    await until(() => b.listeners.length === 1, "a listener at b");
    b.listeners[0]?.send(event(1, 0, token(1)));
    await until(() => seen.length === 1, "an event");
  });
});

describe("taking a stream apart", () => {
  it("gives the same blocks however it is cut", () => {
    const text = ": hello\r\nretry: 1000\r\n\r\nevent: a\ndata: 1\ndata: 2\nid: x\n\ndata\n\nid: y\n\n";
    const whole = createSseParser().push(text);
    expect(whole.map(({ type, data, id, retryMs }) => [type, data, id, retryMs])).toEqual([
      ["message", "", undefined, 1000],
      ["a", "1\n2", "x", undefined],
      ["message", "", undefined, undefined],
      ["message", "", "y", undefined],
    ]);
    for (let size = 1; size < text.length; size += 1) {
      const parser = createSseParser();
      const blocks = [];
      for (let at = 0; at < text.length; at += size) blocks.push(...parser.push(text.slice(at, at + size)));
      expect(blocks, `pieces of ${size}`).toEqual(whole);
    }
  });
});
