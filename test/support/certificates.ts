/**
 * Certificates that a test makes for itself, with the openssl program.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate with its key, in PEM and as files. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** What a certificate is for. */
export interface Subject {
  /** The common name. */
  readonly name: string;
  /** The names of a server: `DNS:localhost`, `IP:127.0.0.1`; none for a client. */
  readonly hosts?: readonly string[];
  /**
   * When it expires, in days from now; -1 was yesterday.
   *
   * @default {60}
   */
  readonly days?: number;
  /** Encrypts the key. */
  readonly passphrase?: string;
}

/** An authority of the test's own. */
export interface Authority extends Issued {
  issue(subject: Subject): Issued;
  /** Deletes every file of it. */
  remove(): void;
}

/**
 * Whether tests with certificates are to be left out: only where openssl is
 * missing, and never in CI, where that is a failure.
 */
export const withoutOpenssl: boolean = !hasOpenssl() && !process.env["CI"];

const CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

/** Makes an authority that is valid for a year. */
export function createAuthority(name = "Test authority"): Authority {
  const folder = mkdtempSync(join(tmpdir(), "certificates-"));
  const file = (path: string) => join(folder, path);
  const openssl = (...args: readonly string[]) =>
    execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const read = (path: string): Issued => ({
    certFile: file(`${path}.pem`),
    keyFile: file(`${path}.key`),
    cert: readFileSync(file(`${path}.pem`), "utf8"),
    key: readFileSync(file(`${path}.key`), "utf8"),
  });
  const subjectOf = (common: string) => ["-subj", `/CN=${common}`];
  openssl(
    ...["req", "-x509", "-nodes", ...CURVE, "-days", "365"],
    ...[...subjectOf(name), "-keyout", "ca.key", "-out", "ca.pem"],
  );
  let count = 0;
  return {
    ...read("ca"),
    issue: ({ name, hosts = [], days = 60, passphrase }) => {
      const id = `issued-${++count}`;
      const key = passphrase === undefined
        ? ["-nodes"]
        : ["-passout", `pass:${passphrase}`];
      openssl(
        ...["req", "-new", ...CURVE, ...key, ...subjectOf(name)],
        ...["-keyout", `${id}.key`, "-out", `${id}.csr`],
      );
      const usage = hosts.length > 0
        ? `extendedKeyUsage=serverAuth\nsubjectAltName=${hosts.join(",")}\n`
        : "extendedKeyUsage=clientAuth\n";
      writeFileSync(file(`${id}.ext`), usage);
      openssl(
        ...["x509", "-req", "-in", `${id}.csr`, "-days", String(days)],
        ...["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
        ...["-extfile", `${id}.ext`, "-out", `${id}.pem`],
      );
      return read(id);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
