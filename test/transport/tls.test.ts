/**
 * TLS, from the certificates and keys that a test makes to the warnings of a
 * connection.
 */

import { TransportError } from "@mailboat/outbox";
import { mqttTransport, type TlsOptions } from "@mailboat/outbox/mqtt";
import { generate, type IConnackPacket } from "mqtt-packet";
import type { TlsOptions as ServerOptions } from "node:tls";
import {
  afterAll,
  beforeAll,
  describe,
  expect,
  onTestFinished,
  test,
} from "vitest";
import { type BrokerFront, startFront } from "../support/broker_front.ts";
import {
  type Authority,
  createAuthority,
  type Issued,
  withoutOpenssl,
} from "../support/certificates.ts";
import {
  brokerWith,
  type ConnectOptions,
  connectTo,
  never,
} from "../support/mqtt_rig.ts";
import { sampleMessage } from "../support/sample_message.ts";

const hosts = ["DNS:localhost", "IP:127.0.0.1"];

let ours: Authority;
let strangers: Authority;
let server: Issued;
let client: Issued;

beforeAll(() => {
  if (withoutOpenssl) return;
  ours = createAuthority("Ours");
  strangers = createAuthority("Strangers");
  server = ours.issue({ name: "broker", hosts });
  client = ours.issue({ name: "plant-7" });
});

afterAll(() => {
  ours?.remove();
  strangers?.remove();
});

type Scheme = "mqtts" | "wss";
const schemes: readonly Scheme[] = ["mqtts", "wss"];

/** A scripted broker behind TLS. */
async function secured(
  scheme: Scheme,
  tls: ServerOptions = {},
): Promise<BrokerFront> {
  const { port } = await brokerWith();
  const { cert, key } = server;
  const front = await startFront({ port, scheme, tls: { cert, key, ...tls } });
  onTestFinished(() => front.close());
  return front;
}

/** The error of an attempt that must fail. */
async function failureOf(
  broker: { readonly url: string },
  options: ConnectOptions,
): Promise<TransportError> {
  const error = await connectTo(broker, options).then(
    () => new Error("It connected"),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(TransportError);
  expect(error.code).toBe("TRANSPORT_UNAVAILABLE");
  return error;
}

const demanding = (): ServerOptions => ({
  requestCert: true,
  rejectUnauthorized: true,
  ca: ours.cert,
});

describe.skipIf(withoutOpenssl).each(schemes)("a broker over %s", (scheme) => {
  test("is trusted by the authority that the options name", async () => {
    const broker = await secured(scheme);
    const connection = await connectTo(broker, { tls: { ca: ours.cert } });
    expect(await connection.send(sampleMessage()))
      .toMatchObject({ kind: "delivered" });
    expect(connection.warnings).toEqual([]);
  });

  test("is trusted by one authority of several, as bytes", async () => {
    const broker = await secured(scheme);
    const bytes = new TextEncoder().encode(ours.cert);
    await connectTo(broker, { tls: { ca: [strangers.cert, bytes] } });
    await connectTo(broker, { tls: { ca: strangers.cert + ours.cert } });
  });

  test("of another authority is refused", async () => {
    const broker = await secured(scheme);
    for (const tls of [{}, { ca: strangers.cert }]) {
      const error = await failureOf(broker, { tls });
      expect(error.advice).toBe("config");
      expect(error.message).toContain("no trusted authority vouches");
    }
    const error = await failureOf(broker, {});
    expect(error.advice).toBe("config");
  });

  test("is not trusted because the environment says so", async () => {
    const broker = await secured(scheme);
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    onTestFinished(() => {
      delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    });
    expect((await failureOf(broker, {})).advice).toBe("config");
  });

  test("with the certificate of another host is refused", async () => {
    const other = ours.issue({ name: "broker", hosts: ["DNS:other.example"] });
    const broker = await secured(scheme, { cert: other.cert, key: other.key });
    const error = await failureOf(broker, { tls: { ca: ours.cert } });
    expect(error.advice).toBe("config");
    expect(error.message).toContain("is for another host");
    const tls = { ca: ours.cert, serverName: "other.example" };
    await connectTo(broker, { tls });
    expect(broker.greetings.at(-1)).toMatchObject({
      serverName: "other.example",
    });
  });

  test("that sends us to another host is no proof for that host", async () => {
    const other = ours.issue({ name: "broker", hosts: ["DNS:other.example"] });
    const named = { cert: other.cert, key: other.key };
    const tls = { ca: ours.cert, serverName: "other.example" };
    for (const [material, trusted] of [[{}, true], [named, false]] as const) {
      const target = await secured(scheme, material);
      const serverReference = `localhost:${target.port}`;
      const home = await brokerWith({
        welcome: generate({
          cmd: "connack",
          sessionPresent: false,
          reasonCode: 0x9c,
          properties: { serverReference },
        } as IConnackPacket, { protocolVersion: 5 }),
      });
      const front = await startFront({ port: home.port, scheme, tls: named });
      onTestFinished(() => front.close());
      const transport = mqttTransport(front.url, { tls });
      const request = { identity: "a", signal: never() };
      await expect(transport.connect(request)).rejects
        .toMatchObject({ advice: "at-once" });
      const outcome = await transport.connect(request).then(
        (connection) => connection.close().then(() => "trusted"),
        ({ message }) => message,
      );
      if (trusted) expect(outcome).toBe("trusted");
      else expect(outcome).toContain("is for another host");
    }
  });

  test("with a certificate that has expired is refused", async () => {
    const old = ours.issue({ name: "broker", hosts, days: -1 });
    const broker = await secured(scheme, { cert: old.cert, key: old.key });
    const error = await failureOf(broker, { tls: { ca: ours.cert } });
    expect(error.advice).toBe("config");
    expect(error.message).toContain("the broker's certificate has expired");
  });

  test("that does not speak TLS says so", async () => {
    const { port } = await brokerWith({ welcome: "silence" });
    const plain = await startFront({ port, scheme: "ws" });
    onTestFinished(() => plain.close());
    const url = plain.url.replace("ws:", `${scheme}:`);
    const error = await failureOf({ url }, {});
    expect(error.advice).toBe("config");
    expect(error.message).toContain("does not speak TLS");
  });

  test("is told the host's name, the protocols and the version", async () => {
    const ALPNProtocols = ["http/1.1", "x-amzn-mqtt-ca"];
    const broker = await secured(scheme, { ALPNProtocols });
    const ca = ours.cert;
    await connectTo(broker, { tls: { ca, alpn: ["x-amzn-mqtt-ca", "mqtt"] } });
    expect(broker.greetings).toMatchObject([{
      serverName: "localhost",
      protocol: "x-amzn-mqtt-ca",
      version: "TLSv1.3",
    }]);
  });

  test("that knows none of the protocols refuses", async () => {
    const broker = await secured(scheme, { ALPNProtocols: ["mqtt"] });
    const tls = { ca: ours.cert, alpn: ["x-amzn-mqtt-ca"] };
    const error = await failureOf(broker, { tls });
    expect(error.advice).toBe("config");
    expect(error.message).toContain("none of the protocols in tls.alpn");
  });

  test("of an old version is refused unless that is old enough", async () => {
    const broker = await secured(scheme, { maxVersion: "TLSv1.2" });
    const ca = ours.cert;
    await connectTo(broker, { tls: { ca } });
    const minVersion = "TLSv1.3";
    const error = await failureOf(broker, { tls: { ca, minVersion } });
    expect(error.advice).toBe("config");
    const ancient = await secured(scheme, {
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT:@SECLEVEL=0",
    });
    expect((await failureOf(ancient, { tls: { ca } })).advice).toBe("config");
  });

  test("that is not verified is a warning of every connection", async () => {
    const broker = await secured(scheme);
    const tls = { insecureSkipVerification: true };
    const { url } = broker;
    const transport = mqttTransport(url, { tls });
    for (let nth = 1; nth <= 2; nth++) {
      const connection = await transport.connect({
        identity: "a",
        signal: never(),
      });
      expect(connection.warnings).toMatchObject([{ code: "TLS_UNVERIFIED" }]);
      await connection.close();
    }
  });
});

describe.skipIf(withoutOpenssl).each(schemes)(
  "a client certificate over %s",
  (scheme) => {
    test("opens the door", async () => {
      const broker = await secured(scheme, demanding());
      const { cert, key } = client;
      await connectTo(broker, { tls: { ca: ours.cert, cert, key } });
      expect(broker.greetings).toMatchObject([{ client: "plant-7" }]);
    });

    test("may have a key that is encrypted", async () => {
      const broker = await secured(scheme, demanding());
      const passphrase = "open sesame";
      const { cert, key } = ours.issue({ name: "plant-8", passphrase });
      expect(key).toContain("ENCRYPTED");
      const tls = { ca: ours.cert, cert, key, passphrase };
      await connectTo(broker, { tls });
      expect(broker.greetings).toMatchObject([{ client: "plant-8" }]);
    });

    test.each(["TLSv1.2", "TLSv1.3"] as const)(
      "that is missing is asked for: %s",
      async (version) => {
        const broker = await secured(scheme, {
          ...demanding(),
          minVersion: version,
          maxVersion: version,
        });
        const error = await failureOf(broker, { tls: { ca: ours.cert } });
        expect(error.advice).toBe("config");
        // Newer versions of OpenSSL call the same alert "ssl/tls".
        expect(error.message).toMatch(
          version === "TLSv1.3"
            ? "asks for a client certificate"
            : /the TLS handshake failed: (?:sslv3|ssl\/tls) alert handshake failure/,
        );
      },
    );

    test("is taken anew from the provider at every connection", async () => {
      const broker = await secured(scheme, demanding());
      const names = ["first", "second"];
      const transport = mqttTransport(broker.url, {
        tls: { ca: ours.cert },
        credentials: () => {
          const { cert, key } = ours.issue({ name: names.shift()! });
          return { tls: { cert, key } };
        },
      });
      for (let nth = 1; nth <= 2; nth++) {
        const connection = await transport.connect({
          identity: "a",
          signal: never(),
        });
        await connection.close();
      }
      expect(broker.greetings).toMatchObject([
        { client: "first" },
        { client: "second" },
      ]);
    });

    test("is reported before it expires, and after", async () => {
      const broker = await secured(scheme);
      const brief = ours.issue({ name: "brief", days: 10 });
      const old = ours.issue({ name: "old", days: -1 });
      const day = (count: number) =>
        new Date(Date.now() + count * 86_400_000).toISOString().slice(0, 10);
      for (
        const [{ cert, key }, words] of [
          [brief, `expires on ${day(10)}`],
          [old, `expired on ${day(-1)}`],
        ] as const
      ) {
        const tls = { ca: ours.cert, cert, key };
        const { warnings } = await connectTo(broker, { tls });
        expect(warnings).toEqual([{
          code: "CERTIFICATE_EXPIRES",
          reason: `The client certificate ${words}`,
        }]);
      }
    });

    test("of the broker is reported before it expires", async () => {
      const broker = await secured(scheme);
      const tls: TlsOptions = {
        ca: ours.cert,
        clock: { nowMs: () => Date.now() + 31 * 86_400_000 },
      };
      const { warnings } = await connectTo(broker, { tls });
      expect(warnings).toMatchObject([{
        code: "CERTIFICATE_EXPIRES",
        reason: expect.stringMatching(
          /^The broker's certificate expires on \d{4}-\d\d-\d\d$/,
        ),
      }]);
      const certificateWarningMs = 28 * 86_400_000;
      const fewer = { ...tls, certificateWarningMs };
      expect((await connectTo(broker, { tls: fewer })).warnings).toEqual([]);
    });
  },
);
