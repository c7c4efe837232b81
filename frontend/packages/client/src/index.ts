export { createClient, type Client, type ClientOptions, type Resolution, type ServerAddress } from "./client.js";
export type { CallOptions, Outcome } from "./run-call.js";
export type { ClientEvent, ServiceState } from "./core/fleet.js";
export type { EventOptions, EventStream, ShopEvent } from "./events.js";
export type { CallEnd } from "./core/call.js";
export type { Committed } from "./core/answer.js";
export { defaultNumbers, type ClientNumbers } from "./core/settings.js";
export type { ViewSource } from "./background.js";
