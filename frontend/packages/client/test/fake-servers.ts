// Scripted servers: each request takes the next script of its server and is answered, or ill-treated, as that says.
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

export interface Script {
  status?: number;
  headers?: Record<string, string>;
  json?: unknown;
  text?: string;
  raw?: string;
  padHeader?: number;
  cutAt?: number;
  end?: "keep" | "close" | "reset" | "hold";
  unread?: boolean;
  delayMs?: number;
}

export interface Arrival {
  server: string;
  method: string;
  target: string;
  headers: Map<string, string>;
  body: string;
  at: number;
}

export interface FakeServers {
  url(name: string): string;
  /** Requests of calls, in the order of arrival. */
  readonly seen: Arrival[];
  /** "a /ready" */
  readonly background: string[];
  onArrival(callback: () => void): void;
  stop(): Promise<void>;
}

const NAMES = ["a", "b", "c"];

function answerBytes(script: Script): Buffer {
  if (script.raw !== undefined) return Buffer.from(script.raw, "latin1");
  if (script.status === undefined && script.text === undefined) return Buffer.alloc(0);
  let body = script.text ?? "";
  let head = `HTTP/1.1 ${script.status ?? 200} Scripted\r\n`;
  const headers = { ...script.headers };
  if (script.json !== undefined) {
    body = JSON.stringify(script.json);
    headers["Content-Type"] ??= "application/json";
  }
  for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`;
  if (script.padHeader !== undefined) head += `X-Long: ${"x".repeat(script.padHeader)}\r\n`;
  const bytes = Buffer.from(body);
  return Buffer.concat([Buffer.from(`${head}Content-Length: ${bytes.length}\r\n\r\n`), bytes]);
}

/** Takes one whole request off the front of what has come; undefined: more is needed. */
function takeRequest(from: { bytes: Buffer }, server: string): Arrival | undefined {
  const end = from.bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first = "", ...lines] = from.bytes.subarray(0, end).toString("latin1").split("\r\n");
  const [method = "", target = ""] = first.split(" ");
  const headers = new Map(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  const length = Number(headers.get("content-length") ?? 0);
  if (from.bytes.length < end + 4 + length) return undefined;
  const body = from.bytes.subarray(end + 4, end + 4 + length).toString();
  from.bytes = from.bytes.subarray(end + 4 + length);
  return { server, method, target, headers, body, at: performance.now() };
}

export async function startFakeServers(given: Record<string, Script[] | "refuse">): Promise<FakeServers> {
  const scripts = new Map<string, Script[]>();
  const servers = new Map<string, Server>();
  const ports = new Map<string, number>();
  const open = new Set<Socket>();
  const seen: Arrival[] = [];
  const background: string[] = [];
  let arrived: () => void = () => undefined;

  function next(name: string): Script {
    const first = scripts.get(name)?.shift();
    if (first) return first;
    if (name.endsWith(".events")) return { status: 404 };
    if (name.endsWith(".views")) return { end: "hold", cutAt: 0 };
    return name.endsWith(".ready") ? { status: 503 } : { status: 200, json: { ok: true } };
  }
  function filled(script: Script): Script {
    let text = JSON.stringify(script);
    for (const [name, port] of ports) text = text.replaceAll(`{url:${name}}`, `http://127.0.0.1:${port}`);
    return JSON.parse(text) as Script;
  }
  function note(came: Arrival, playFrom: string): void {
    if (playFrom === came.server) seen.push(came);
    else background.push(`${came.server} ${came.target}`);
    arrived();
  }
  // Whether the connection goes on.
  async function play(socket: Socket, script: Script): Promise<boolean> {
    if (script.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, script.delayMs));
    let bytes = answerBytes(filled(script));
    if (script.cutAt !== undefined) bytes = bytes.subarray(0, script.cutAt);
    if (bytes.length > 0 && !socket.destroyed) await new Promise((resolve) => socket.write(bytes, resolve));
    const end = script.end ?? (script.cutAt === undefined ? "keep" : "close");
    if (end === "reset") socket.resetAndDestroy();
    if (end === "close") socket.end();
    return end === "keep" && !socket.destroyed;
  }
  function serve(name: string, socket: Socket): void {
    const buffer = { bytes: Buffer.alloc(0) };
    let busy = false;
    let on = true;
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    if (scripts.get(name)?.[0]?.unread) {
      on = false;
      void play(socket, { ...next(name), cutAt: 0 });
      return;
    }
    async function work(): Promise<void> {
      if (busy || !on) return;
      busy = true;
      for (let came = takeRequest(buffer, name); came && on; came = takeRequest(buffer, name)) {
        let playFrom = name;
        if (came.target === "/ready") playFrom += ".ready";
        if (came.target === "/api/events") playFrom += ".events";
        if (came.target.startsWith("/api/cluster/healthy-servers")) playFrom += ".views";
        const script = next(playFrom);
        note(came, playFrom);
        on = await play(socket, script);
      }
      busy = false;
    }
    socket.on("data", (chunk: Buffer) => {
      buffer.bytes = Buffer.concat([buffer.bytes, chunk]);
      void work();
    });
  }

  for (const name of NAMES) {
    const server = createServer((socket) => serve(name, socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ports.set(name, (server.address() as AddressInfo).port);
    servers.set(name, server);
  }
  for (const [name, list] of Object.entries(given)) {
    if (list !== "refuse") scripts.set(name, [...list]);
    else await new Promise((resolve) => servers.get(name)?.close(resolve));
  }
  return {
    url: (name) => `http://127.0.0.1:${ports.get(name) ?? 0}`,
    seen,
    background,
    onArrival(callback) {
      arrived = callback;
    },
    async stop() {
      arrived = () => undefined;
      for (const socket of open) socket.destroy();
      await Promise.all([...servers.values()].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}
