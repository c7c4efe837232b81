// The typed operations: what goes out, what comes back. That wrong uses do not compile is checked by `npm run check`.
import { describe, expect, it } from "vitest";
import { createApi, type CallOptions, type Outcome } from "../src/index.js";

interface Sent {
  method: string;
  target: string;
  options: CallOptions;
}

function apiThatAnswers(status: number, json: unknown): { api: ReturnType<typeof createApi>; sent: Sent[] } {
  const sent: Sent[] = [];
  const plain = { headers: new Headers(), server: "a", attempts: 1, key: "", stale: false, ageSeconds: 0, replayed: false } as const;
  const api = createApi((method, target, options): Promise<Outcome> => {
    sent.push({ method, target, options });
    const ok = status < 400;
    return Promise.resolve({ ok, status, body: JSON.stringify(json), code: "", committed: "no", end: "served", ...plain });
  });
  return { api, sent };
}

describe("the typed operations", () => {
  it("fill the path, the query, the body and the headers", async () => {
    const { api, sent } = apiThatAnswers(200, { id: "1", name: "Áo" });
    const id = "0193a0b0-0000-7000-8000-000000000001";
    const edited = await api.call("patch", "/products/{id}", { path: { id }, body: { price: 5 }, ifMatch: 3, language: "vi" });
    expect(edited.data?.name).toBe("Áo");
    await api.call("get", "/products", { query: { q: "áo sơ mi & quần", limit: 5 } });
    expect(sent.map((one) => `${one.method} ${one.target}`)).toEqual([`PATCH /products/${id}`, "GET /products?q=%C3%A1o+s%C6%A1+mi+%26+qu%E1%BA%A7n&limit=5"]);
    expect(sent[0]?.options).toEqual({ headers: { "If-Match": '"3"', "Accept-Language": "vi", "Content-Type": "application/json" }, body: '{"price":5}' });
    expect(sent[1]?.options).toEqual({ headers: {} });
  });

  it("tell a problem from data", async () => {
    const { api } = apiThatAnswers(409, { code: "version_conflict", title: "T" });
    const came = await api.call("get", "/products/{id}", { path: { id: "x" } });
    expect(came.data).toBeUndefined();
    expect(came.problem?.code).toBe("version_conflict");
  });

  it("do not compile for paths, members and verbs there are not", () => {
    const { api } = apiThatAnswers(200, {});
    const never = () => {
      // @ts-expect-error no such path
      void api.call("get", "/nowhere", {});
      // @ts-expect-error the id is missing
      void api.call("get", "/products/{id}", {});
      // @ts-expect-error no such member
      void api.call("post", "/products", { body: { name: "x", price: 1, colour: "red" } });
    };
    expect(never).toBeTypeOf("function");
  });
});
