/**
 * Mosquitto with certificates, passwords and access lists.
 */

import { connectAsync as subscriberAt } from "mqtt";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import {
  createOutbox,
  createRelay,
  defineEvent,
  systemClock,
  TransportError,
} from "@mailboat/outbox";
import { mqttSubscriber, mqttTransport } from "@mailboat/outbox/mqtt";
import { createMemoryStorage } from "@mailboat/outbox/testing";
import {
  afterAll,
  beforeAll,
  describe,
  expect,
  onTestFinished,
  test,
} from "vitest";
import { startFront } from "../support/broker_front.ts";
import {
  type Authority,
  createAuthority,
  type Issued,
  withoutOpenssl,
} from "../support/certificates.ts";
import { eventually } from "../support/eventually.ts";
import {
  type Mosquitto,
  startMosquitto,
  withoutMosquitto,
} from "../support/mosquitto.ts";
import { connectTo, never } from "../support/mqtt_rig.ts";
import { sampleMessage } from "../support/sample_message.ts";
import { anything } from "../support/schemas.ts";

const missing = withoutMosquitto || withoutOpenssl;

let ours: Authority;
let server: Issued;

beforeAll(() => {
  if (missing) return;
  ours = createAuthority();
  server = ours.issue({
    name: "broker",
    hosts: ["DNS:localhost", "IP:127.0.0.1"],
  });
});

afterAll(() => ours?.remove());

/** A broker whose only listener has these lines, and a folder for its files. */
async function mosquitto(
  lines: (folder: string) => readonly string[],
): Promise<
  Mosquitto & { readonly folder: string; readonly secureUrl: string }
> {
  const folder = mkdtempSync(join(tmpdir(), "security-"));
  // The broker may run as a user of its own.
  const config = [`user ${userInfo().username}`, ...lines(folder)];
  const broker = await startMosquitto({ config });
  onTestFinished(async () => {
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return { ...broker, folder, secureUrl: `mqtts://localhost:${broker.port}` };
}

const encrypted = () => [
  `certfile ${server.certFile}`,
  `keyfile ${server.keyFile}`,
];
const demanding = () => [
  ...encrypted(),
  `cafile ${ours.certFile}`,
  "require_certificate true",
];

/** The error of an attempt that must fail. */
async function failureOf(attempt: Promise<unknown>): Promise<TransportError> {
  const error = await attempt.then(
    () => new Error("It connected"),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(TransportError);
  return error;
}

describe.skipIf(missing)("Mosquitto with TLS", () => {
  test("takes messages, and is refused by those who do not trust it", async () => {
    const { secureUrl: url } = await mosquitto(encrypted);
    const connection = await connectTo({ url }, { tls: { ca: ours.cert } });
    expect(await connection.send(sampleMessage()))
      .toMatchObject({ kind: "delivered" });
    const byAddress = url.replace("localhost", "127.0.0.1");
    await connectTo({ url: byAddress }, { tls: { ca: ours.cert } });
    expect((await failureOf(connectTo({ url }))).advice).toBe("config");
  });

  test("warns those who receive as well", async () => {
    const { secureUrl: url } = await mosquitto(encrypted);
    const subscriber = mqttSubscriber(url, {
      topics: ["#"],
      tls: { insecureSkipVerification: true },
    });
    const subscription = await subscriber.subscribe({
      identity: "billing",
      signal: never(),
      onDelivery: () => {},
    });
    onTestFinished(() => subscription.close());
    expect(subscription.warnings).toMatchObject([{ code: "TLS_UNVERIFIED" }]);
  });

  test("asks for a client certificate, and takes only those it knows", async () => {
    const { secureUrl: url } = await mosquitto(demanding);
    const ca = ours.cert;
    const { cert, key } = ours.issue({ name: "plant-7" });
    const connection = await connectTo({ url }, { tls: { ca, cert, key } });
    expect(await connection.send(sampleMessage()))
      .toMatchObject({ kind: "delivered" });

    const without = await failureOf(connectTo({ url }, { tls: { ca } }));
    expect(without.advice).toBe("config");
    expect(without.message).toContain("asks for a client certificate");

    const strangers = createAuthority("Strangers");
    onTestFinished(() => strangers.remove());
    const { certFile: _, keyFile: __, ...stranger } = strangers.issue({
      name: "stranger",
    });
    const refused = await failureOf(
      connectTo({ url }, { tls: { ca, ...stranger } }),
    );
    expect(refused.advice).toBe("config");
    expect(refused.message).toContain("the broker refused the client cert");

    const old = ours.issue({ name: "old", days: -1 });
    const expired = await failureOf(
      connectTo({ url }, { tls: { ca, cert: old.cert, key: old.key } }),
    );
    expect(expired.advice).toBe("config");
    expect(expired.message).toContain("certificate expired");
  });
});

describe.skipIf(missing)("Mosquitto with passwords", () => {
  test("refuses an old one, and takes the new one of the next attempt", async () => {
    const { secureUrl } = await mosquitto((folder) => {
      const file = join(folder, "passwords");
      writeFileSync(file, "");
      execFileSync("mosquitto_passwd", ["-b", file, "plant-7", "new-token"], {
        stdio: "ignore",
      });
      return [
        ...encrypted(),
        "allow_anonymous false",
        `password_file ${file}`,
      ];
    });
    const passwords = ["old-token", "new-token"];
    const transport = mqttTransport(secureUrl, {
      tls: { ca: ours.cert },
      credentials: () => ({
        username: "plant-7",
        password: passwords.shift()!,
      }),
    });
    const request = { identity: "a", signal: never() };
    const error = await failureOf(transport.connect(request));
    expect(error.code).toBe("TRANSPORT_REFUSED");
    expect(error.advice).toBe("slow");
    const connection = await transport.connect(request);
    onTestFinished(() => connection.close());
    expect(await connection.send(sampleMessage()))
      .toMatchObject({ kind: "delivered" });
  });
});

describe.skipIf(missing)("Mosquitto with an access list", () => {
  const closed = "topic write elsewhere/#\ntopic read #\n";
  const open = "topic readwrite #\n";

  function listed(folder: string): readonly string[] {
    writeFileSync(join(folder, "access"), closed);
    return [`acl_file ${join(folder, "access")}`];
  }

  test("defers what is denied, and the message is there when it is allowed", async () => {
    const broker = await mosquitto(listed);
    const storage = createMemoryStorage();
    await storage.migrate();
    const outbox = createOutbox({ storage });
    const event = defineEvent("e", { schema: anything(), topic: "denied" });
    const tx = storage.begin();
    await outbox.enqueue(tx, event({ n: 1 }));
    tx.commit();
    const clock = systemClock();
    const relayOnce = async (aheadMs: number) => {
      const deaths: unknown[] = [];
      const deferred: unknown[] = [];
      const relay = createRelay({
        storage,
        transport: mqttTransport(broker.url),
        clock: { ...clock, nowMs: () => clock.nowMs() + aheadMs },
        observe: (event) => {
          if (event.type === "message.dead") deaths.push(event);
          if (event.type === "message.retry") deferred.push(event);
        },
      });
      await relay.drain({ budgetMs: 5_000 });
      await relay.stop();
      return { deaths, deferred };
    };
    const denied = await relayOnce(0);
    expect(denied.deaths).toEqual([]);
    expect(denied.deferred).toMatchObject([{
      attempts: 0,
      failure: { code: "MQTT_0x87" },
    }]);
    const heard: string[] = [];
    const subscriber = await subscriberAt(broker.url, { protocolVersion: 5 });
    onTestFinished(() => void subscriber.end(true));
    subscriber.on("message", (topic) => heard.push(topic));
    await subscriber.subscribeAsync("#", { qos: 1 });
    writeFileSync(join(broker.folder, "access"), open);
    broker.process.kill("SIGHUP");
    const probe = await connectTo(broker);
    for (let kind = ""; kind !== "delivered";) {
      ({ kind } = await probe.send(sampleMessage({ topic: "denied/probe" })));
    }
    await relayOnce(3_600_000);
    await eventually(() => heard.includes("denied"), "the message");
    expect(heard.toSorted()).toEqual(["denied", "denied/probe"]);
  });

  test("acknowledges and drops it on 3.1.1, where nothing can be said", async () => {
    const broker = await mosquitto(listed);
    const heard: string[] = [];
    const subscriber = await subscriberAt(broker.url, { protocolVersion: 4 });
    onTestFinished(() => void subscriber.end(true));
    subscriber.on("message", (topic) => heard.push(topic));
    await subscriber.subscribeAsync("#", { qos: 1 });
    const connection = await connectTo(broker, { protocol: 4 });
    for (const topic of ["denied", "elsewhere/1"]) {
      expect(await connection.send(sampleMessage({ topic })))
        .toMatchObject({ kind: "delivered" });
    }
    await eventually(() => heard.length > 0, "the message that is allowed");
    expect(heard).toEqual(["elsewhere/1"]);
  });
});

describe.skipIf(missing)("a relay", () => {
  test.each(["mqtts", "ws", "wss"] as const)(
    "delivers everything in order over %s",
    async (scheme) => {
      const { cert, key } = server;
      const broker = await startMosquitto();
      onTestFinished(() => broker.stop());
      const { port } = broker;
      const front = await startFront({ port, scheme, tls: { cert, key } });
      onTestFinished(() => front.close());
      const heard: string[] = [];
      const subscriber = await subscriberAt(broker.url, { protocolVersion: 5 });
      onTestFinished(() => void subscriber.end(true));
      subscriber.on("message", (_, payload) => heard.push(String(payload)));
      await subscriber.subscribeAsync("#", { qos: 1 });

      const storage = createMemoryStorage();
      await storage.migrate();
      const outbox = createOutbox({ storage });
      const event = defineEvent("e", {
        schema: anything(),
        topic: "t",
        key: () => "k",
      });
      const tx = storage.begin();
      const count = 200;
      for (let n = 1; n <= count; n++) await outbox.enqueue(tx, event(n));
      tx.commit();
      const relay = createRelay({
        storage,
        transport: mqttTransport(front.url, {
          ...(scheme === "ws" ? {} : { tls: { ca: ours.cert } }),
        }),
      });
      await relay.drain({ budgetMs: 20_000 });
      await relay.stop();
      await eventually(() => heard.length >= count, "all messages");
      expect(heard).toEqual(
        Array.from({ length: count }, (_, at) => String(at + 1)),
      );
    },
  );
});
