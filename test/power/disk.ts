/**
 * A disk as POSIX allows it to be: what was synced is there after a power cut;
 * of the rest anything may be. A name is durable once its folder was synced,
 * which syncing the file does not do.
 *
 * @module
 */

import type { IoRecord } from "./io_record.ts";

/** A change that no sync has covered; `serial` counts the changes of the disk. */
export type Change =
  | {
    readonly type: "write";
    readonly serial: number;
    readonly offset: number;
    readonly bytes: Uint8Array;
  }
  | {
    readonly type: "truncate";
    readonly serial: number;
    readonly size: number;
  }
  /** A file appeared under a name, or vanished from it. */
  | { readonly type: "name"; readonly serial: number };

/** What reaches the disk of a change, in whatever pieces. */
export type Fate = (change: Change) => readonly Change[];

/** The content of each file, by name. */
export type Image = ReadonlyMap<string, Uint8Array>;

type NameChange = Change & {
  readonly name: string;
  /** `null` when the name is gone. */
  readonly file: File | null;
};

/** A disk to which records are applied one after the other. */
export class Disk {
  /** What programs see. */
  readonly #names = new Map<string, File>();
  readonly #durableNames = new Map<string, File>();
  #nameChanges: NameChange[] = [];
  #serial = 0;

  /** The serials of the changes of which nothing is certain, in order. */
  get unsynced(): readonly number[] {
    const files = [...new Set(this.#names.values())];
    const changes = files.flatMap((file) => file.unsynced);
    return [...this.#nameChanges, ...changes].map(({ serial }) => serial)
      .sort((a, b) => a - b);
  }

  /** Does what a program did. */
  apply(record: IoRecord): void {
    if (record.type === "sync" && record.file === "") this.#syncNames();
    else if (record.type === "sync") this.#names.get(record.file)?.sync();
    else if (record.type === "unlink") {
      this.#names.delete(record.file);
      this.#rename(record.file, null);
    } else {
      const serial = this.#next();
      this.#open(record.file).change({ ...record, serial });
    }
  }

  /** What a power cut leaves now. */
  image(fate: Fate): Image {
    const names = new Map(this.#durableNames);
    for (const change of this.#nameChanges) {
      if (fate(change).length > 0) rename(names, change);
    }
    return new Map([...names].map(([name, file]) => [name, file.image(fate)]));
  }

  #open(name: string): File {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const file = new File();
    this.#names.set(name, file);
    this.#rename(name, file);
    return file;
  }

  #rename(name: string, file: File | null): void {
    const serial = this.#next();
    this.#nameChanges.push({ type: "name", serial, name, file });
  }

  #syncNames(): void {
    for (const change of this.#nameChanges) rename(this.#durableNames, change);
    this.#nameChanges = [];
  }

  #next(): number {
    return ++this.#serial;
  }
}

function rename(names: Map<string, File>, { name, file }: NameChange): void {
  if (file === null) names.delete(name);
  else names.set(name, file);
}

/** What is durable of a file, and what is not yet. */
class File {
  readonly #durable = new Content();
  #changes: Change[] = [];

  get unsynced(): readonly Change[] {
    return this.#changes;
  }

  change(change: Change): void {
    this.#changes.push(change);
  }

  sync(): void {
    for (const change of this.#changes) this.#durable.apply(change);
    this.#changes = [];
  }

  image(fate: Fate): Uint8Array {
    const content = this.#durable.copy();
    for (const change of this.#changes) {
      for (const piece of fate(change)) content.apply(piece);
    }
    return content.bytes;
  }
}

/** Bytes that grow. */
class Content {
  #room: Uint8Array;
  #size: number;

  constructor(bytes: Uint8Array = new Uint8Array()) {
    this.#room = bytes;
    this.#size = bytes.length;
  }

  get bytes(): Uint8Array {
    return this.#room.subarray(0, this.#size);
  }

  copy(): Content {
    return new Content(this.bytes.slice());
  }

  apply(change: Change): void {
    if (change.type === "write") {
      this.#reserve(change.offset + change.bytes.length);
      this.#room.set(change.bytes, change.offset);
    } else if (change.type === "truncate") {
      this.#reserve(change.size);
      this.#room.fill(0, change.size, this.#size);
      this.#size = change.size;
    }
  }

  #reserve(size: number): void {
    if (size > this.#room.length) {
      const room = new Uint8Array(2 * size);
      room.set(this.bytes);
      this.#room = room;
    }
    this.#size = Math.max(this.#size, size);
  }
}
