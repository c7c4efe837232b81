// Takes a stream of Server-Sent Events apart (WHATWG HTML, "Interpreting an event stream").

export interface SseBlock {
  /** "message" where the stream names none. */
  type: string;
  data: string;
  /** Undefined: this block brought none. */
  id: string | undefined;
  retryMs: number | undefined;
}

export interface SseParser {
  /** The blocks that became whole by this piece, in order. */
  push(text: string): SseBlock[];
}

export function createSseParser(): SseParser {
  let rest = "";
  let block: SseBlock | undefined;

  function takeLine(line: string): SseBlock | undefined {
    if (line === "") {
      const whole = block;
      block = undefined;
      return whole;
    }
    if (line.startsWith(":")) return undefined;
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    block ??= { type: "message", data: "", id: undefined, retryMs: undefined };
    if (field === "event") block.type = value;
    if (field === "data") block.data += block.data === "" ? value : `\n${value}`;
    if (field === "id" && !value.includes("\0")) block.id = value;
    if (field === "retry" && /^\d+$/.test(value)) block.retryMs = Number(value);
    return undefined;
  }

  return {
    push(text) {
      rest += text;
      const blocks: SseBlock[] = [];
      // A lone CR at the end may be the first half of CRLF: it waits.
      for (let end = /\r\n|\n|\r(?!$)/.exec(rest); end; end = /\r\n|\n|\r(?!$)/.exec(rest)) {
        const whole = takeLine(rest.slice(0, end.index));
        rest = rest.slice(end.index + end[0].length);
        if (whole) blocks.push(whole);
      }
      return blocks;
    },
  };
}

export const SILENCE_MS = 25_000; // a node shows an id every 10 s

/** Reads to the end of the stream, or until nothing came for SILENCE_MS, which aborts `control`. False from `take` ends it. */
export async function readSse(response: Response, control: AbortController, take: (block: SseBlock) => boolean): Promise<void> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const parser = createSseParser();
  const decoder = new TextDecoder();
  let alarm: ReturnType<typeof setTimeout> | undefined;
  try {
    for (;;) {
      clearTimeout(alarm);
      alarm = setTimeout(() => control.abort(), SILENCE_MS);
      const { done, value } = await reader.read();
      if (done) return;
      for (const block of parser.push(decoder.decode(value, { stream: true }))) if (!take(block)) return;
    }
  } finally {
    clearTimeout(alarm);
  }
}
