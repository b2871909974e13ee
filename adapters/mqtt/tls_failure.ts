/**
 * Why TLS failed, in words that say what to do.
 *
 * @module
 */

import type { Advice } from "../../mod.ts";
import { messageOf } from "./quoting.ts";

/** What a failure of TLS means. */
export interface TlsFailure {
  /** A clause, and the words of the library; not fit to be shown yet. */
  readonly why: string;
  readonly advice: Advice;
}

type Row = readonly [code: RegExp, why: string, advice: Advice];

/**
 * By the codes of OpenSSL, which Node and Bun hand on, and by the words of
 * rustls, which Deno does. The first row that fits counts.
 */
// deno-fmt-ignore
const FAILURES: readonly Row[] = [
  // Of a machine that has not been told the time yet; that passes.
  [/CERT_NOT_YET_VALID|: NotValidYet/, "the broker's certificate is not valid yet by this machine's clock", "soon"],
  [/CERT_HAS_EXPIRED|: Expired/, "the broker's certificate has expired by this machine's clock", "config"],
  [/ALTNAME_INVALID|: NotValidForName/, "the broker's certificate is for another host; tls.serverName names it", "config"],
  [/UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT)|SELF_SIGNED_CERT|: UnknownIssuer/, "no trusted authority vouches for the broker's certificate; tls.ca names one", "config"],
  [/ALERT_CERTIFICATE_REQUIRED|alert: CertificateRequired/, "the broker asks for a client certificate; tls.cert and tls.key give one", "config"],
  [/ALERT_(\w*CERTIFICATE|UNKNOWN_CA|DECRYPT_ERROR)|alert: (\w*Certificate|UnknownCA)/, "the broker refused the client certificate", "config"],
  [/NO_APPLICATION_PROTOCOL|alert: NoApplicationProtocol/, "the broker knows none of the protocols in tls.alpn", "config"],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|corrupt message/, "what listens there does not speak TLS", "config"],
  [/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/, "the broker speaks no version of TLS that is accepted", "config"],
  [/ALERT_INTERNAL_ERROR|alert: InternalError/, "the broker failed in the TLS handshake", "soon"],
  [/^(ERR_SSL_|ERR_TLS_|EPROTO$|CERT_|CRL_)|invalid peer certificate|received fatal alert/, "the TLS handshake failed", "config"],
];

/** Recognises an error of TLS; `null` for any other. */
export function tlsFailureOf(thrown: unknown): TlsFailure | null {
  const said = codeOf(thrown);
  const row = FAILURES.find(([code]) => code.test(said));
  if (row === undefined) return null;
  const [, why, advice] = row;
  return { why: `${why}: ${phraseIn(messageOf(thrown))}`, advice };
}

/** The code of an error, or its words where it has none. */
function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "";
  const { code, message } = thrown as Error & { readonly code?: unknown };
  if (code !== "EPROTO") return typeof code === "string" ? code : message;
  // While it writes, Node tells the same only in words.
  return `ERR_SSL_${phraseIn(message).replaceAll(" ", "_").toUpperCase()}`;
}

/** OpenSSL puts its phrase between codes and the places of its sources. */
function phraseIn(message: string): string {
  return /SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message;
}
