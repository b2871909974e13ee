/**
 * The record of what programs did to the files of a folder, as `recorder.c`
 * writes it.
 *
 * @module
 */

/** One call that succeeded; the file `""` is the folder itself. */
export type IoRecord =
  | {
    readonly type: "write";
    readonly file: string;
    readonly offset: number;
    readonly bytes: Uint8Array;
  }
  | { readonly type: "truncate"; readonly file: string; readonly size: number }
  | { readonly type: "sync"; readonly file: string }
  | { readonly type: "unlink"; readonly file: string };

const HEADER_BYTES = 24;

/** Reads a record, as far as it is whole. */
export function readRecord(log: Buffer): IoRecord[] {
  const records: IoRecord[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= log.length) {
    const nameAt = at + HEADER_BYTES;
    const bytesAt = nameAt + log.readUInt32LE(at + 4);
    const end = bytesAt + Number(log.readBigUInt64LE(at + 16));
    if (end > log.length) break;
    records.push(recordOf({
      kind: log.readUInt32LE(at),
      offset: Number(log.readBigUInt64LE(at + 8)),
      file: log.toString("utf8", nameAt, bytesAt),
      bytes: log.subarray(bytesAt, end),
    }));
    at = end;
  }
  return records;
}

function recordOf({ kind, offset, file, bytes }: {
  readonly kind: number;
  readonly offset: number;
  readonly file: string;
  readonly bytes: Uint8Array;
}): IoRecord {
  switch (kind) {
    case 1:
      return { type: "write", file, offset, bytes };
    case 2:
      return { type: "truncate", file, size: offset };
    case 3:
      return { type: "sync", file };
    case 4:
      return { type: "unlink", file };
  }
  throw new RangeError(
    `Cannot read a record as its kind must be 1 to 4: current value is ${kind}`,
  );
}
