// Keeps the newest Kieng-Token seen, so that no node shows the caller older data.

export interface TokenKeeper {
  /** Takes the token if it is newer (incarnation, then position). Text of another form is ignored. */
  seen(token: string): void;
  /** Forgets the token, unless a newer one came since `sent` was sent. Returns whether there was something to forget. */
  drop(sent: string): boolean;
  /** Empty: send none. */
  newest(): string;
}

interface ReadToken {
  incarnation: bigint;
  pos: bigint;
}

const LARGEST = 9_223_372_036_854_775_807n;

export function readToken(text: string): ReadToken | undefined {
  const parts = /^(\d{1,19})\.(\d{1,19})\.[0-9a-f]{16}$/.exec(text);
  if (!parts) return undefined;
  const incarnation = BigInt(parts[1] ?? "");
  const pos = BigInt(parts[2] ?? "");
  return incarnation > LARGEST || pos > LARGEST ? undefined : { incarnation, pos };
}

export function isNewer(one: ReadToken, than: ReadToken): boolean {
  return one.incarnation > than.incarnation || (one.incarnation === than.incarnation && one.pos > than.pos);
}

export function createTokenKeeper(): TokenKeeper {
  let text = "";
  let kept: ReadToken = { incarnation: -1n, pos: -1n };
  return {
    seen(token) {
      const told = readToken(token);
      if (!told || !isNewer(told, kept)) return;
      kept = told;
      text = token;
    },
    drop(sent) {
      if (text === "" || text !== sent) return false;
      text = "";
      kept = { incarnation: -1n, pos: -1n };
      return true;
    },
    newest: () => text,
  };
}
