import type { TransportError } from "@mailboat/outbox";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { freePort } from "../support/mosquitto.ts";
import { brokerWith, connectTo } from "../support/mqtt_rig.ts";
import { sampleMessage } from "../support/sample_message.ts";

/** The error of an attempt that must fail. */
function failureOf(attempt: Promise<unknown>): Promise<TransportError> {
  return attempt.then(
    () => Promise.reject(new Error("It connected")),
    (thrown) => thrown,
  );
}

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
