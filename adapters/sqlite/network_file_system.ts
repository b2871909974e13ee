/**
 * File systems that other machines share: the write-ahead log needs memory that
 * every process of one machine sees, and there each machine sees its own.
 *
 * @module
 */

/** What Linux calls them, by the magic numbers of statfs(2). */
const NETWORK: ReadonlyMap<bigint, string> = new Map([
  [0x6969n, "NFS"],
  [0x517bn, "SMB"],
  [0xff534d42n, "CIFS"],
  [0xfe534d42n, "SMB2"],
  [0x01021997n, "9P"],
  [0x5346414fn, "AFS"],
  [0x6b414653n, "kAFS"],
  [0x73757245n, "Coda"],
  [0x00c36400n, "Ceph"],
  [0x564cn, "NCP"],
  [0x786f4256n, "VirtualBox shared folders"],
]);

/**
 * The name of a network file system, by its magic number; `null` for all
 * others, and for those that hide what is behind them, as FUSE does.
 */
export function networkFileSystem(magic: bigint): string | null {
  // Some machines have 32 bits for it, and a sign.
  return NETWORK.get(BigInt.asUintN(32, magic)) ?? null;
}
