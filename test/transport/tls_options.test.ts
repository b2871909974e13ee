import { InputError } from "@mailboat/outbox";
import { mqttTransport, type TlsOptions } from "@mailboat/outbox/mqtt";
import { assert as check, integer, property } from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expiryOf } from "../../adapters/mqtt/certificate.ts";
import {
  type Authority,
  createAuthority,
  type Issued,
  withoutOpenssl,
} from "../support/certificates.ts";

/** The refusal of options that must not do. */
function refusalOf(tls: unknown, url = "mqtts://broker"): InputError {
  try {
    mqttTransport(url, { tls: tls as TlsOptions });
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error("They were accepted");
}

describe("an option of TLS", () => {
  test.each<[keyof TlsOptions, unknown]>([
    ["ca", ""],
    ["ca", "broker.crt"],
    ["ca", []],
    ["ca", [1]],
    ["ca", null],
    ["ca", new Uint8Array(9)],
    ["ca", new Uint8Array(1_048_577)],
    ["ca", "-".repeat(1_048_577)],
    ["ca", "-----BEGIN CERTIFICATE-----".repeat(1_000)],
    ["cert", 7],
    ["cert", ""],
    ["cert", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----"],
    ["passphrase", 7],
    ["serverName", ""],
    ["serverName", "127.0.0.1"],
    ["serverName", "::1"],
    ["serverName", "a b"],
    ["serverName", "a..b"],
    ["serverName", "a".repeat(64)],
    ["serverName", "a.".repeat(127) + "a"],
    ["serverName", 7],
    ["alpn", []],
    ["alpn", "mqtt"],
    ["alpn", [""]],
    ["alpn", ["a\0"]],
    ["alpn", ["a".repeat(256)]],
    ["alpn", [7]],
    ["alpn", Array(256).fill("a")],
    ["minVersion", "TLSv1.1"],
    ["minVersion", 1.2],
    ["insecureSkipVerification", 1],
    ["insecureSkipVerification", "false"],
    ["certificateWarningMs", -1],
    ["certificateWarningMs", NaN],
    ["certificateWarningMs", "30d"],
    ["clock", {}],
    ["clock", null],
  ])("that does not do is refused with its name: %s", (option, value) => {
    const key = option === "cert" ? { key: "x" } : {};
    expect(refusalOf({ ...key, [option]: value }))
      .toMatchObject({ code: "INVALID_OPTION", field: `tls.${option}` });
  });

  test.each([null, 7, "tls", true])("is none: %s", (tls) => {
    expect(refusalOf(tls).field).toBe("tls");
  });

  test.each(["mqtt", "ws"])("contradicts %s", (scheme) => {
    const error = refusalOf({}, `${scheme}://broker`);
    expect(error.field).toBe("tls");
    expect(error.required).toContain(`use ${scheme}s://`);
  });

  test.each([
    [{ cert: "x" }, "tls.key"],
    [{ key: "x" }, "tls.cert"],
    [{ passphrase: "x" }, "tls.key"],
  ])("does not come alone: %j", (tls, field) => {
    expect(refusalOf(tls)).toMatchObject({ field, found: "undefined" });
  });

  test("may stand at its bounds", () => {
    const bounds: TlsOptions[] = [
      {},
      { serverName: "a" },
      { serverName: `${"a.".repeat(126)}b`, alpn: ["~".repeat(255)] },
      { minVersion: "TLSv1.3", certificateWarningMs: 0 },
    ];
    for (const tls of bounds) mqttTransport("wss://broker", { tls });
  });
});

describe.skipIf(withoutOpenssl)("a certificate and a key", () => {
  let authority: Authority;
  let mine: Issued;
  let other: Issued;
  let closed: Issued;

  beforeAll(() => {
    authority = createAuthority();
    mine = authority.issue({ name: "mine" });
    other = authority.issue({ name: "other" });
    closed = authority.issue({ name: "closed", passphrase: "open sesame" });
  });

  afterAll(() => authority?.remove());

  test("that belong together do, with whatever surrounds them", () => {
    const { cert, key } = mine;
    const bytes = new TextEncoder().encode(key);
    for (
      const tls of [
        { cert, key },
        { cert, key: bytes },
        { cert: `# mine\r\n${cert}${authority.cert}`, key },
        { cert: closed.cert, key: closed.key, passphrase: "open sesame" },
      ]
    ) mqttTransport("mqtts://broker", { tls });
  });

  test("that do not are refused, and are not shown", () => {
    const { cert, key } = mine;
    const sealed = { cert: closed.cert, key: closed.key };
    for (
      const [tls, field, required] of [
        [{ cert, key: other.key }, "key", "the first certificate in tls.cert"],
        [{ cert: authority.cert + cert, key }, "key", "the first certificate"],
        [{ cert, key: cert }, "key", "a private key in PEM"],
        [{ cert: key, key }, "cert", "certificates in PEM"],
        [{ cert: cert.slice(0, -40), key }, "cert", "certificates in PEM"],
        [{ cert: cert.replace(/\nM/, "\nN"), key }, "cert", "in PEM"],
        [sealed, "passphrase", "given together with the encrypted key"],
        [{ ...sealed, passphrase: "no" }, "key", "tls.passphrase opens"],
        [{ ca: [authority.cert, key] }, "ca", "certificates in PEM"],
      ] as const
    ) {
      const error = refusalOf(tls);
      expect(error.field).toBe(`tls.${field}`);
      expect(error.required).toContain(required);
      expect(error.cause).toBeUndefined();
      const body = key.split("\n")[1]!;
      expect(error.message).not.toContain(body.slice(0, 8));
    }
  });
});

test("a time of expiry is read as a calendar has it", () => {
  const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
  const [from, to] = [
    Date.UTC(1950, 0, 1) / 1_000,
    Date.UTC(9_999, 11, 31) / 1_000,
  ];
  check(property(integer({ min: from, max: to }), (seconds) => {
    const date = new Date(seconds * 1_000);
    const text = date.toISOString();
    const day = String(date.getUTCDate()).padStart(2, " ");
    const validTo = `${months[date.getUTCMonth()]} ${day} ` +
      `${text.slice(11, 19)} ${date.getUTCFullYear()} GMT`;
    expect(expiryOf(validTo))
      .toEqual({ atMs: seconds * 1_000, date: text.slice(0, 10) });
  }));
  for (const bad of ["", "Bad", "Foo  1 00:00:00 2026 GMT"]) {
    expect(expiryOf(bad)).toBeNull();
  }
});
