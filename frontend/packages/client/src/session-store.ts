// Where a session is kept, and how several tabs take turns. In a browser: localStorage and Web Locks; elsewhere: memory.

export interface SessionStore {
  read(): string | null;
  /** null forgets it. */
  write(value: string | null): void;
  /** Told when another tab wrote. Returns what ends it. */
  onChange(listener: () => void): () => void;
  /** One at a time, over all tabs. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}

/** One after the other, within this page or process. */
function createQueue(): SessionStore["exclusively"] {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
}

/** Shared by all who hold it: for Node and for tests. */
export function createMemoryStore(): SessionStore {
  let kept: string | null = null;
  const listeners = new Set<() => void>();
  return {
    read: () => kept,
    write(value) {
      kept = value;
      for (const listener of [...listeners]) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    exclusively: createQueue(),
  };
}

/** Shared by all tabs of this origin. A page that may not use localStorage (private windows) keeps its session for itself. */
export function createBrowserStore(name = "kieng.session"): SessionStore {
  const queue = createQueue();
  const memory = createMemoryStore();
  let allowed = true;
  try {
    localStorage.getItem(name);
  } catch {
    allowed = false;
  }
  if (!allowed) return memory;
  return {
    read: () => localStorage.getItem(name),
    write(value) {
      if (value === null) localStorage.removeItem(name);
      else localStorage.setItem(name, value);
      memory.write(value);
    },
    onChange(listener) {
      const others = (event: StorageEvent) => {
        if (event.key === name || event.key === null) listener();
      };
      addEventListener("storage", others);
      const own = memory.onChange(listener);
      return () => {
        removeEventListener("storage", others);
        own();
      };
    },
    // Web Locks are there on pages that came over TLS only; without them tabs may renew at the same time, which the server permits.
    exclusively: async (work) => {
      if (!("locks" in navigator)) return queue(work);
      const done = await navigator.locks.request(`${name}.lock`, async () => ({ value: await work() }));
      return done.value;
    },
  };
}
