// The shop's operations with their types, made from docs/openapi.yaml: which paths there are, what they take, what they answer.
import type { components, paths } from "./generated/schema.js";
import type { CallOptions, Outcome } from "./run-call.js";

export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];

type Verb = "get" | "post" | "put" | "patch" | "delete";
type PathOf<V extends Verb> = { [P in keyof paths]: paths[P] extends Record<V, { responses: unknown }> ? P : never }[keyof paths];
type Operation<V extends Verb, P extends keyof paths> = paths[P] extends Record<V, infer O> ? O : never;

type PathArguments<O> = O extends { parameters: { path: infer X } } ? { path: X } : { path?: never };
type QueryArguments<O> = O extends { parameters: { query: infer X } }
  ? { query: X }
  : O extends { parameters: { query?: infer X } }
    ? { query?: Exclude<X, undefined> }
    : { query?: never };
type Json<C> = C extends { "application/json": infer B } ? B : C extends { "application/merge-patch+json": infer B } ? B : never;
type BodyArguments<O> = O extends { requestBody: { content: infer C } }
  ? { body: Json<C> }
  : O extends { requestBody?: { content: infer C } }
    ? { body?: Json<C> }
    : { body?: never };
type Answer<O> = O extends { responses: infer R }
  ? { [S in keyof R & (200 | 201 | 202)]: R[S] extends { content: infer C } ? Json<C> : undefined }[keyof R & (200 | 201 | 202)]
  : never;

export type Arguments<V extends Verb, P extends PathOf<V>> = PathArguments<Operation<V, P>> &
  QueryArguments<Operation<V, P>> &
  BodyArguments<Operation<V, P>> & {
    /** The version an edit starts from. */
    ifMatch?: number;
    /** "vi" or "en", of errors and sentences. */
    language?: string;
  } & Omit<CallOptions, "body">;

/** `data` of what went well, `problem` of what did not, where somebody answered. */
export type ApiOutcome<T> = Outcome & { data: T | undefined; problem: Problem | undefined };

export interface Api {
  call<V extends Verb, P extends PathOf<V>>(verb: V, path: P, how: Arguments<V, P>): Promise<ApiOutcome<Answer<Operation<V, P>>>>;
}

type Sender = (method: string, target: string, options: CallOptions) => Promise<Outcome>;

interface AnyArguments extends Omit<CallOptions, "body"> {
  path?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
  ifMatch?: number;
  language?: string;
}

function targetOf(template: string, path: Record<string, unknown>, query: Record<string, unknown>): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(path[name])));
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined && one !== null) asked.append(name, String(one));
  }
  const text = asked.toString();
  return text === "" ? filled : `${filled}?${text}`;
}

function parsed(body: string): unknown {
  try {
    return body === "" ? undefined : (JSON.parse(body) as unknown);
  } catch {
    return undefined;
  }
}

/** `send`: client.request, or session.request to go as whoever is signed in. */
export function createApi(send: Sender): Api {
  async function call(verb: string, template: string, how: AnyArguments): Promise<ApiOutcome<unknown>> {
    const { path = {}, query = {}, body, ifMatch, language, ...options } = how;
    const headers: Record<string, string> = { ...options.headers };
    if (ifMatch !== undefined) headers["If-Match"] = `"${ifMatch}"`;
    if (language !== undefined) headers["Accept-Language"] = language;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const more = body === undefined ? {} : { body: JSON.stringify(body) };
    const came = await send(verb.toUpperCase(), targetOf(template, path, query), { ...options, headers, ...more });
    const told = parsed(came.body);
    return { ...came, data: came.ok ? told : undefined, problem: came.ok ? undefined : (told as Problem | undefined) };
  }
  return { call: call as unknown as Api["call"] };
}
