// What the cluster says of itself (GET /api/cluster/healthy-servers), as the client keeps it.

export interface ViewServer {
  id: string;
  url: string;
  priority: number;
  /** "alive" and "late" are well; "suspect", "down", "draining" are not. */
  state: string;
}

export interface View {
  cluster: string;
  incarnation: number;
  epoch: number;
  number: number;
  /** An id; empty if nobody is. */
  active: string;
  /** Nobody looks well: the states say nothing. */
  panic: boolean;
  servers: ViewServer[];
}

export type ViewNews = "taken" | "old" | "foreign";

/** Scheme and host in lower case, the scheme's own port and closing slashes left out: so urls are compared. */
export function sameUrlForm(url: string): string {
  const out = url.replace(/\/+$/, "").toLowerCase();
  const own = out.startsWith("https://") ? ":443" : ":80";
  return out.endsWith(own) ? out.slice(0, -own.length) : out;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Undefined for anything that is not such a document. */
export function readView(told: unknown): View | undefined {
  if (!isRecord(told) || !Array.isArray(told["servers"])) return undefined;
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const whole = (value: unknown) => (typeof value === "number" && Number.isSafeInteger(value) ? value : undefined);
  const incarnation = whole(told["incarnation"]);
  const epoch = whole(told["epoch"]);
  const number = whole(told["view"]);
  if (incarnation === undefined || epoch === undefined || number === undefined) return undefined;
  const servers: ViewServer[] = [];
  for (const one of told["servers"]) {
    if (isRecord(one))
      servers.push({ id: text(one["id"]), url: text(one["url"]), priority: whole(one["priority"]) ?? 0, state: text(one["state"]) });
  }
  return {
    cluster: text(told["cluster"]),
    incarnation,
    epoch,
    number,
    active: text(told["active"]),
    panic: told["panic"] === true,
    servers,
  };
}

export function readViewText(text: string): View | undefined {
  try {
    return readView(JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}
