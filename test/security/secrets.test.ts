import {
  createOutbox,
  createRelay,
  defineEvent,
  MailboatError,
  type Transport,
  type TransportError,
} from "@mailboat/outbox";
import {
  mqttTransport,
  type MqttTransportOptions,
} from "@mailboat/outbox/mqtt";
import { createMemoryStorage } from "@mailboat/outbox/testing";
import { inspect } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { startFront } from "../support/broker_front.ts";
import { createAuthority, withoutOpenssl } from "../support/certificates.ts";
import { freePort } from "../support/mosquitto.ts";
import { brokerWith, connectTo } from "../support/mqtt_rig.ts";
import { sampleMessage } from "../support/sample_message.ts";
import { anything } from "../support/schemas.ts";

const password = "marker-p@ss/w0rd%";
const username = "marker user";
const token = "marker-token-7";
const payload = "marker-payload";
/** What a careless hand may put where certificates and keys belong. */
const pem = [
  "-----BEGIN ENCRYPTED PRIVATE KEY-----",
  "marker/key+4711",
  "-----END ENCRYPTED PRIVATE KEY-----",
].join("\n");
const encoded = [username, password].map(encodeURIComponent).join(":");
const markers = [
  /marker/i,
  new RegExp(encodeURIComponent(password), "i"),
  new RegExp(btoa(password).slice(0, 12)),
];

type Slot = (url: string) => [url: string, options: MqttTransportOptions];
/** Wherever a secret may come in. */
const slots: Readonly<Record<string, Slot>> = {
  "a URL": (url) => [url.replace("//", `//${encoded}@`), {}],
  "a URL's query": (url) => [
    `${url.replace("mqtt:", "ws:")}/mqtt?token=${token}`,
    {},
  ],
  "options": (url) => [url, { username, password }],
  "a provider": (url) => [
    url,
    { credentials: () => Promise.resolve({ username, password }) },
  ],
  "what a provider throws": (url) => [
    url,
    { credentials: () => Promise.reject(new Error(`Expired: ${token}`)) },
  ],
  "what a provider throws at once": (url) => [url, {
    credentials: () => {
      throw { name: token, message: token, config: { password } };
    },
  }],
  "certificates and keys of a provider that do not parse": (url) => [
    url.replace("mqtt:", "mqtts:"),
    {
      credentials: () => ({
        username,
        password,
        tls: { ca: pem, cert: pem, key: pem, passphrase: password },
      }),
    },
  ],
  "certificates and keys of a provider where nothing is encrypted": (url) => [
    url,
    { credentials: () => ({ tls: { cert: pem, key: pem } }) },
  ],
  "a provider over TLS": (url) => [
    url.replace("mqtt:", "mqtts:"),
    { credentials: () => ({ username, password: token }) },
  ],
  "a provider over secure WebSockets": (url) => [
    `${url.replace("mqtt:", "wss:")}/mqtt?token=${token}`,
    { credentials: () => ({ username, password: token }) },
  ],
  "credentials that are none": (url) => [
    url,
    { credentials: () => ({ password: `${password}\u0000` }) },
  ],
};

/** The error of an attempt that must fail. */
function failureOf(attempt: Promise<unknown>): Promise<TransportError> {
  return attempt.then(
    () => Promise.reject(new Error("It connected")),
    (thrown) => thrown,
  );
}

/** Everything that a log could get hold of. */
function wordsOf(value: unknown): string {
  const shown = inspect(value, { depth: 8, showHidden: true, getters: true });
  return `${shown}\n${JSON.stringify(value) ?? ""}`;
}

/** Everything that is thrown, shown and told while a relay tries to deliver. */
async function seenOf(transport: Transport): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  const storage = createMemoryStorage();
  await storage.migrate();
  const outbox = createOutbox({ storage });
  const event = defineEvent("e", { schema: anything(), topic: "t" });
  const tx = storage.begin();
  await outbox.enqueue(tx, event({ payload }));
  tx.commit();
  const relay = createRelay({
    storage,
    transport,
    reconnectCapMs: 250,
    observe: (event) => seen.push(event),
  });
  seen.push(transport, relay, outbox);
  await relay.drain({ budgetMs: 300 });
  seen.push(relay.status());
  await relay.stop({ graceMs: 0 });
  const signal = AbortSignal.timeout(5_000);
  await transport.connect({ identity: "outbox1", signal })
    .catch((thrown) => seen.push(thrown));
  return seen;
}

describe("markers in every slot", () => {
  test.each(Object.entries(slots))("%s", async (_, slot) => {
    const text = `${username} ${password}`;
    const broker = await brokerWith({ welcome: { code: 0x86, text } });
    const closed = `mqtt://127.0.0.1:${await freePort()}`;
    for (const url of [broker.url, closed]) {
      const seen = await seenOf(mqttTransport(...slot(url)));
      expect(seen.length).toBeGreaterThan(5);
      const said = seen.map(wordsOf).join("\n");
      for (const marker of markers) expect(said).not.toMatch(marker);
    }
  });

  test("a URL that is none, and options that are wrong", () => {
    const wrong: [string, MqttTransportOptions][] = [
      [`mqtt://${encoded}@`, {}],
      [`http://${encoded}@host`, {}],
      [`${token}:${password}@host`, {}],
      [`ws://host/mqtt?${token}#x`, {}],
      ["mqtt://host", { username, password: `${password}\u0000` }],
      ["mqtt://host", { username: `${username}\ud800`, password }],
      ["mqtt://host", { password }],
      ["mqtt://host", { tls: { ca: pem, passphrase: password } }],
      ["mqtts://host", { tls: { ca: pem } }],
      ["mqtts://host", { tls: { cert: pem, key: pem } }],
      ["mqtts://host", { tls: { cert: pem } }],
      ["mqtts://host", { tls: { key: pem } }],
      ["mqtts://host", { tls: { passphrase: password } }],
      ["mqtts://host", { tls: { cert: { pem } as never, key: pem } }],
      ["mqtts://host", { tls: pem as never }],
      ["mqtt://host", { password, credentials: () => ({ password }) }],
    ];
    for (const args of wrong) {
      let thrown: unknown;
      try {
        mqttTransport(...args);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(MailboatError);
      for (const marker of markers) expect(wordsOf(thrown)).not.toMatch(marker);
    }
  });

  test("a payload that is refused", async () => {
    const storage = createMemoryStorage();
    await storage.migrate();
    const outbox = createOutbox({ storage, maxPayloadBytes: 64 });
    const event = defineEvent("e", { schema: anything(), topic: "t" });
    const bad = [
      { payload, bad: 1n },
      { payload: `${payload}\ud800` },
      payload.repeat(10),
      [payload, undefined],
    ];
    for (const data of bad) {
      const refused = await outbox.enqueue(storage.begin(), event(data))
        .catch((thrown) => thrown);
      expect(refused).toBeInstanceOf(MailboatError);
      for (const marker of markers) {
        expect(wordsOf(refused)).not.toMatch(marker);
      }
    }
  });
});

describe("secrets", () => {
  const secrets = ["marker-user", "marker-pass", "marker-token"];
  const shown = (value: unknown) =>
    inspect(value, { depth: 8, showHidden: true });
  const withUser = (url: string) =>
    url.replace("//", "//marker-user:marker-pass@");

  function expectNone(value: unknown): void {
    for (const secret of secrets) expect(shown(value)).not.toContain(secret);
  }

  test("of the URL are in no error, whatever the broker repeats", async () => {
    const text = secrets.join(" ");
    const broker = await brokerWith({ welcome: { code: 0x86, text } });
    const error = await failureOf(connectTo({ url: withUser(broker.url) }));
    expect(error.message).toContain("*** *** marker-token");
    expect(shown(error)).not.toMatch(/marker-(user|pass)/);
  });

  test("of a provider are in no error", async () => {
    const text = secrets.join(" ");
    const broker = await brokerWith({ welcome: { code: 0x86, text } });
    const [username, password] = secrets as [string, string];
    const credentials = () => ({ username, password });
    const error = await failureOf(connectTo(broker, { credentials }));
    expect(shown(error)).not.toMatch(/marker-(user|pass)/);
  });

  test.each(["mqtt", "mqtts", "ws", "wss"])(
    "are in no error over %s",
    async (scheme) => {
      const port = await freePort();
      const query = scheme.startsWith("ws") ? "/mqtt?token=marker-token" : "";
      const url = withUser(`${scheme}://127.0.0.1:${port}${query}`);
      expectNone(await failureOf(connectTo({ url })));
      expectNone(mqttTransport(url));
      expect(mqttTransport(url).name).toBe(
        `${scheme}://127.0.0.1:${port}${query && "/mqtt"}`,
      );
    },
  );

  test.skipIf(withoutOpenssl).each(["mqtts", "wss"] as const)(
    "are not in what uses certificates and keys: %s",
    async (scheme) => {
      const authority = createAuthority();
      onTestFinished(() => authority.remove());
      const hosts = ["DNS:localhost"];
      const { cert, key } = authority.issue({ name: "broker", hosts });
      const passphrase = "marker-passphrase";
      const mine = authority.issue({ name: "plant-7", passphrase });
      const material = { cert: mine.cert, key: mine.key, passphrase };
      const broker = await brokerWith();
      const front = await startFront({
        port: broker.port,
        scheme,
        tls: { cert, key },
      });
      onTestFinished(() => front.close());
      const trusted = { ca: authority.cert };
      const fixed = { tls: { ...trusted, ...material } };
      const provided = {
        tls: trusted,
        credentials: () => ({ tls: material }),
      };
      const distrusted = {
        tls: { ...material, serverName: "marker-other.example" },
      };
      const wrong = { ...material, key };
      const lines = [mine.cert, mine.key].flatMap((pem) =>
        pem.split("\n").filter((line) => /^[\w+/]{16}/.test(line))
      );
      expect(lines.length).toBeGreaterThan(4);
      const seen: unknown[] = [
        mqttTransport(front.url, fixed),
        mqttTransport(front.url, provided),
        await connectTo(front, fixed),
        await connectTo(front, provided),
        await failureOf(connectTo(front, distrusted)),
        await failureOf(
          connectTo(front, { credentials: () => ({ tls: wrong }) }),
        ),
      ];
      for (const words of seen.map(wordsOf)) {
        for (const secret of [passphrase, ...lines]) {
          expect(words).not.toContain(secret);
        }
      }
    },
  );

  test("are not in a connection, its outcomes and its end", async () => {
    const text = secrets.join(" ");
    const broker = await brokerWith({ answer: () => ({ code: 0x80, text }) });
    const connection = await connectTo({ url: withUser(broker.url) });
    expectNone(connection);
    const outcome = await connection.send(sampleMessage());
    expect(shown(outcome)).not.toMatch(/marker-(user|pass)/);
    broker.send({
      cmd: "disconnect",
      reasonCode: 0x87,
      properties: { reasonString: text },
    });
    expect(shown(await connection.closed)).not.toMatch(/marker-(user|pass)/);
  });
});
