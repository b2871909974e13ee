/**
 * The proxy breaks connections, and never what goes through them.
 */

import { createSeededRandom } from "@mailboat/outbox/testing";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { Proxy } from "./proxy.ts";

/** A connection through a proxy, and what came out at either end. */
interface Path {
  readonly proxy: Proxy;
  readonly near: Socket;
  readonly far: Socket;
  readonly atNear: string;
  readonly atFar: string;
  /** What the listener heard. */
  readonly heard: string[];
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyz".repeat(40);

test("bytes keep their order when the weather changes while they wait", async () => {
  const path = await connected();
  for (const weather of ["slow", "stalled", "crumbling", "clear"] as const) {
    path.proxy.weather = weather;
    path.near.write(ALPHABET);
    path.far.write(ALPHABET);
    await soon();
  }
  const all = ALPHABET.repeat(4);
  const isThere = (text: string) => text.length >= all.length;
  await eventually(() => isThere(path.atFar), "what was sent");
  await eventually(() => isThere(path.atNear), "what was answered");
  expect(path.atFar).toBe(all);
  expect(path.atNear).toBe(all);
});

test("a stalled network holds everything back and loses nothing", async () => {
  const path = await connected();
  path.proxy.weather = "stalled";
  path.near.write("one");
  await eventually(() => path.heard.includes("sent one"), "the bytes");
  await soon();
  expect(path.atFar).toBe("");
  path.proxy.isHeld = true;
  path.proxy.weather = "clear";
  await soon();
  expect(path.atFar).toBe("");
  path.proxy.isHeld = false;
  await eventually(() => path.atFar === "one", "the bytes at the other end");
});

test("what was sent before the sender died still arrives", async () => {
  const path = await connected();
  path.proxy.weather = "slow";
  path.near.end(ALPHABET);
  await eventually(() => path.atFar === ALPHABET, "everything");
  await eventually(() => path.far.readableEnded, "the end");
});

test("a cut ends both sides, within a packet too", async () => {
  const path = await connected();
  path.proxy.cut();
  await eventually(() => path.near.closed && path.far.closed, "both ends");
  expect(path.heard).toEqual(["over"]);

  const torn = await connected();
  torn.proxy.tear();
  torn.near.write(ALPHABET);
  await eventually(() => torn.near.closed && torn.far.closed, "both ends");
  expect(torn.atFar.length).toBeLessThan(ALPHABET.length);
  expect(ALPHABET.startsWith(torn.atFar)).toBe(true);
});

test("dropped acknowledgements are heard by the listener alone", async () => {
  const path = await connected();
  path.proxy.deafen();
  path.near.write("message");
  await eventually(() => path.atFar === "message", "the message");
  path.far.write("acknowledgement");
  const heard = "answered acknowledgement";
  await eventually(() => path.heard.includes(heard), heard);
  await soon();
  expect(path.atNear).toBe("");
});

test("a half-open connection stays open with nobody at the other end", async () => {
  const path = await connected();
  path.proxy.halfOpen();
  await eventually(() => path.far.closed, "the far end");
  path.near.write("message");
  await soon();
  expect(path.near.closed).toBe(false);
  expect(path.heard).toContain("over");
});

async function connected(): Promise<Path> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const heard: string[] = [];
  const proxy = await Proxy.start({
    brokerPort: (server.address() as AddressInfo).port,
    random: createSeededRandom(1),
    listen: () => ({
      sent: (bytes) => heard.push(`sent ${Buffer.from(bytes)}`),
      answered: (bytes) => heard.push(`answered ${Buffer.from(bytes)}`),
      told: () => {},
      over: () => heard.includes("over") || heard.push("over"),
    }),
  });
  const near = connect(Number(new URL(proxy.url).port), "127.0.0.1");
  const [[far]] = await Promise.all([
    once(server, "connection") as Promise<[Socket]>,
    once(near, "connect"),
  ]);
  onTestFinished(() => {
    near.destroy();
    proxy.close();
    server.close();
  });
  const path = { proxy, near, far, heard, atNear: "", atFar: "" };
  for (const socket of [near, far]) socket.on("error", () => {});
  near.on("data", (bytes) => path.atNear += bytes);
  far.on("data", (bytes) => path.atFar += bytes);
  return path;
}

/** Long enough for loopback to carry what it would carry. */
function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
