/**
 * gzip (RFC 1952), by the platform's own streams.
 *
 * @module
 */

/** Whether the platform has the streams: Node 18, Deno, Bun 1.3, every browser. */
export function isCompressionAvailable(): boolean {
  return typeof CompressionStream === "function" &&
    typeof DecompressionStream === "function";
}

/** Compresses. */
export async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new CompressionStream("gzip");
  const chunks = await collect(stream, { bytes, maxBytes: Infinity });
  return joined(chunks ?? []);
}

/** What to put through a stream. */
export interface GunzipRequest {
  readonly bytes: Uint8Array;
  /** How many bytes may come out. */
  readonly maxBytes: number;
}

/**
 * Decompresses; `null` when more than `maxBytes` come out, of which no more is
 * ever in memory than that and a piece.
 *
 * @throws {Error} the platform's, for what is not gzip, broken or cut off.
 */
export async function gunzip(
  request: GunzipRequest,
): Promise<Uint8Array | null> {
  const chunks = await collect(new DecompressionStream("gzip"), request);
  return chunks === null ? null : joined(chunks);
}

/** A stream of the platform; how they type its chunks differs. */
interface ByteStream {
  readonly readable: ReadableStream;
  readonly writable: WritableStream;
}

async function collect(
  { readable, writable }: ByteStream,
  { bytes, maxBytes }: GunzipRequest,
): Promise<Uint8Array[] | null> {
  // A stream that fails says so to its reader as well.
  feed(bytes, writable).catch(() => {});
  const reader: ReadableStreamDefaultReader<Uint8Array> = readable.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return chunks;
    length += value.length;
    if (length > maxBytes) {
      reader.cancel().catch(() => {});
      return null;
    }
    chunks.push(value);
  }
}

/**
 * The largest piece that goes in at a time, in bytes: some platforms hand out
 * all that comes of a piece at once, which is a thousand times as much at most.
 */
const PIECE_BYTES = 4_096;

async function feed(
  bytes: Uint8Array,
  writable: WritableStream,
): Promise<void> {
  const writer = writable.getWriter();
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    await writer.write(bytes.subarray(at, at + PIECE_BYTES));
  }
  await writer.close();
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  if (only !== undefined && chunks.length === 1) return only;
  const sizes = chunks.map(({ length }) => length);
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
