// What a page has to load for the client.
import { build } from "esbuild";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

const MOST_BYTES = 12 * 1024;

it("the whole client is under 12 KiB gzipped", async () => {
  const entryPoint = new URL("../src/index.ts", import.meta.url).pathname;
  const made = await build({ entryPoints: [entryPoint], bundle: true, minify: true, format: "esm", target: "es2022", write: false });
  const [bundle] = made.outputFiles;
  expect(bundle && gzipSync(bundle.contents, { level: 9 }).byteLength).toBeLessThan(MOST_BYTES);
});
