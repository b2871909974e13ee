import { TransportError } from "@mailboat/outbox";
import { type CredentialsProvider, mqttTransport } from "@mailboat/outbox/mqtt";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/mosquitto.ts";
import { brokerWith, connectTo, line, never } from "../support/mqtt_rig.ts";
import { sampleMessage } from "../support/sample_message.ts";

/** The error of an attempt that must fail. */
async function failureOf(attempt: Promise<unknown>): Promise<TransportError> {
  const error = await attempt.then(
    () => new Error("It connected"),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(TransportError);
  return error;
}

describe("the CONNECT packet", () => {
  test("begins a session that the broker forgets, with the defaults", async () => {
    const { broker } = await line();
    expect(broker.connects).toMatchObject([{
      protocolVersion: 5,
      clean: true,
      keepalive: 30,
      clientId: "mailboatoutbox1",
    }]);
    expect(broker.connects[0]).not.toHaveProperty("username");
  });

  test("carries what the options say", async () => {
    const { broker } = await line({ protocol: 4 }, {
      clientId: "a-b",
      username: "ü",
      password: "p:@/",
      keepAliveMs: 1_001,
    });
    expect(broker.connects).toMatchObject([{
      protocolVersion: 4,
      clean: true,
      keepalive: 2,
      clientId: "a-b",
      username: "ü",
      password: Buffer.from("p:@/"),
    }]);
  });

  test("carries the credentials of the URL, decoded", async () => {
    const broker = await brokerWith();
    const url = broker.url.replace("//", "//gate%40way:p%25%2F%C3%BC@");
    await connectTo({ url });
    expect(broker.connects[0]).toMatchObject({
      username: "gate@way",
      password: Buffer.from("p%/ü"),
    });
  });

  test.each([
    ["0198c2f6-5b1a-7c3d-9a41-0f6d2f3b7e10", "mailboata410f6d2f3b7e10"],
    ["orders", "mailboatorders"],
    ["Ünïcode_1", "mailboatncode1"],
    ["", "mailboat"],
  ])("names the client after the outbox: %s", async (identity, clientId) => {
    const { broker } = await line({}, { identity });
    expect(broker.connects[0]!.clientId).toBe(clientId);
    expect(clientId).toMatch(/^[0-9a-zA-Z]{1,23}$/);
  });
});

describe("a broker that refuses", () => {
  test.each([
    [0x01, "Unacceptable protocol version (try protocol: 4)"],
    [0x80, "Unspecified error"],
    [0x84, "Unsupported Protocol Version (try protocol: 4)"],
    [0x86, "Bad User Name or Password"],
    [0x87, "Not authorized"],
    [0x88, "Server unavailable"],
    [0x9f, "Connection rate exceeded"],
    [0xee, "Unknown reason code"],
  ])("with code %s is quoted: %s", async (code, name) => {
    const broker = await brokerWith({ welcome: { code, text: "go\naway" } });
    const error = await failureOf(connectTo(broker));
    expect(error.code).toBe("TRANSPORT_REFUSED");
    const hex = code.toString(16).toUpperCase().padStart(2, "0");
    expect(error.message).toBe(
      `Cannot connect to ${broker.url} as the broker refused with ` +
        `MQTT_0x${hex}: ${name}: go\\u{000a}away`,
    );
    await eventually(() => broker.sockets === 0, "the end of the connection");
  });

  test.each([1, 2, 3, 4, 5])(
    "on 3.1.1 with code %s is quoted",
    async (code) => {
      const broker = await brokerWith({ protocol: 4, welcome: { code } });
      const error = await failureOf(connectTo(broker, { protocol: 4 }));
      expect(error.code).toBe("TRANSPORT_REFUSED");
      expect(error.message).toContain(`MQTT_0x0${code}: `);
    },
  );

  test("by DISCONNECT instead of CONNACK is quoted", async () => {
    const welcome = Uint8Array.of(0xe0, 2, 0x89, 0);
    const broker = await brokerWith({ welcome });
    const error = await failureOf(connectTo(broker));
    expect(error.code).toBe("TRANSPORT_REFUSED");
    expect(error.message).toContain("MQTT_0x89: Server busy");
  });

  test("by DISCONNECT right after CONNACK ends the connection", async () => {
    const welcome = Uint8Array.of(0x20, 3, 0, 0, 0, 0xe0, 2, 0x89, 0);
    const { connection } = await line({ welcome });
    expect(await connection.closed).toEqual({
      code: "MQTT_0x89",
      reason: "Server busy",
      advice: "soon",
    });
  });

  test("QoS 1 is of no use", async () => {
    const broker = await brokerWith({
      welcome: { properties: { maximumQoS: 0 } },
    });
    const error = await failureOf(connectTo(broker));
    expect(error.code).toBe("TRANSPORT_REFUSED");
    expect(error.message).toContain("QoS 0 only");
    await eventually(() => broker.sockets === 0, "the end of the connection");
  });
});

describe("a broker that is not there", () => {
  test("is unavailable at once where nothing listens", async () => {
    const port = await freePort();
    const error = await failureOf(
      connectTo({ url: `mqtt://127.0.0.1:${port}` }),
    );
    expect(error.code).toBe("TRANSPORT_UNAVAILABLE");
    expect(error.message).toContain("ECONNREFUSED");
    expect(error.cause).toBeInstanceOf(Error);
  });

  test.each(["mqtts", "ws", "wss"])(
    "is unavailable over %s",
    async (scheme) => {
      const port = await freePort();
      const error = await failureOf(
        connectTo({ url: `${scheme}://127.0.0.1:${port}` }),
      );
      expect(error.code).toBe("TRANSPORT_UNAVAILABLE");
    },
  );

  test("says of every address of a host why", async () => {
    const port = await freePort();
    const url = `mqtt://localhost:${port}`;
    const error = await failureOf(connectTo({ url }));
    expect(error.message).toContain("ECONNREFUSED");
  });

  test("is unavailable when it hangs up", async () => {
    const broker = await brokerWith({ welcome: "cut" });
    const error = await failureOf(connectTo(broker));
    expect(error.code).toBe("TRANSPORT_UNAVAILABLE");
  });

  test("is unavailable when it is no broker", async () => {
    const welcome = new TextEncoder().encode(
      "HTTP/1.1 400 Bad Request\r\n\r\n",
    );
    const broker = await brokerWith({ welcome });
    const error = await failureOf(connectTo(broker));
    expect(error.code).toBe("TRANSPORT_UNAVAILABLE");
    await eventually(() => broker.sockets === 0, "the end of the connection");
  });
});

describe("an attempt that is given up", () => {
  test("ends while the broker says nothing", async () => {
    const broker = await brokerWith({ welcome: "silence" });
    const attempt = new AbortController();
    const connecting = connectTo(broker, { signal: attempt.signal });
    const failed = failureOf(connecting);
    await eventually(() => broker.connects.length === 1, "CONNECT");
    attempt.abort();
    expect((await failed).code).toBe("TRANSPORT_UNAVAILABLE");
    await eventually(() => broker.sockets === 0, "the end of the connection");
  });

  test("before it began never begins", async () => {
    const broker = await brokerWith();
    const error = await failureOf(
      connectTo(broker, { signal: AbortSignal.abort() }),
    );
    expect(error.code).toBe("TRANSPORT_UNAVAILABLE");
    expect(broker.connects).toEqual([]);
  });

  test("ends while the credentials are awaited", async () => {
    const broker = await brokerWith();
    const attempt = new AbortController();
    const told: AbortSignal[] = [];
    const credentials = (request: { signal: AbortSignal }) => {
      told.push(request.signal);
      return new Promise<never>(() => {});
    };
    const failed = failureOf(
      connectTo(broker, { signal: attempt.signal, credentials }),
    );
    attempt.abort();
    expect((await failed).code).toBe("TRANSPORT_UNAVAILABLE");
    expect(told).toMatchObject([{ aborted: true }]);
    expect(broker.connects).toEqual([]);
  });

  test("after it succeeded is no matter", async () => {
    const attempt = new AbortController();
    const { connection } = await line({}, { signal: attempt.signal });
    attempt.abort();
    expect(await connection.send(sampleMessage()))
      .toMatchObject({ kind: "delivered" });
  });
});

describe("a provider of credentials", () => {
  test("is asked before every connection", async () => {
    const broker = await brokerWith();
    let asked = 0;
    const transport = mqttTransport(broker.url, {
      credentials: () =>
        Promise.resolve({ username: `u${++asked}`, password: "p" }),
    });
    for (const username of ["u1", "u2"]) {
      const connection = await transport.connect({
        identity: "a",
        signal: never(),
      });
      expect(broker.connects.at(-1)).toMatchObject({ username });
      await connection.close();
    }
  });

  test.each([
    ["throws", () => {
      throw new Error("marker-provider");
    }],
    ["rejects", () => Promise.reject(new Error("marker-provider"))],
    ["gives nothing", () => undefined as never],
  ])(
    "that %s makes the broker unavailable, and is not quoted",
    async (_, credentials) => {
      const broker = await brokerWith();
      const error = await failureOf(connectTo(broker, { credentials }));
      expect(error.code).toBe("TRANSPORT_UNAVAILABLE");
      expect(error.message).toBe(
        `Cannot connect to ${broker.url} as there are no usable credentials`,
      );
      expect(error.advice).toBe("soon");
      expect(broker.connects).toEqual([]);
    },
  );

  test.each<[string, CredentialsProvider, string]>([
    [
      "a password alone",
      () => ({ password: "marker-provider" }),
      "username must be given together with password",
    ],
    [
      "no text",
      () => ({ username: 1 as never }),
      "username must be fit for the wire",
    ],
    [
      "a line feed",
      () => ({ username: "a\n" }),
      "username must be fit for the wire",
    ],
    [
      "certificates where nothing is encrypted",
      () => ({ tls: { ca: "marker-provider" } }),
      "tls must be left out, as the URL asks for no encryption",
    ],
  ])(
    "that gives %s needs people, and is not quoted",
    async (_, credentials, why) => {
      const broker = await brokerWith();
      const error = await failureOf(connectTo(broker, { credentials }));
      expect(error.code).toBe("TRANSPORT_UNAVAILABLE");
      expect(error.message).toBe(
        `Cannot connect to ${broker.url} as there are no usable credentials: ${why}`,
      );
      expect(error.advice).toBe("config");
      expect(broker.connects).toEqual([]);
    },
  );

  test("that gives what cannot be read is not quoted", async () => {
    const broker = await brokerWith();
    const credentials = () => ({
      tls: {
        get ca(): never {
          throw new Error("marker-provider");
        },
      },
    });
    const url = broker.url.replace("mqtt:", "mqtts:");
    const error = await failureOf(connectTo({ url }, { credentials }));
    expect(error.code).toBe("TRANSPORT_UNAVAILABLE");
    expect(inspect(error, { depth: 8 })).not.toContain("marker");
  });
});
