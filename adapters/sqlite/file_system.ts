/**
 * The little that is asked of the file system: it is only looked at, since
 * opening and closing a database file by hand drops the locks of SQLite.
 *
 * @module
 */

/** Whether the file exists; where there is no telling, it does. */
export async function exists(path: string): Promise<boolean> {
  try {
    const { existsSync } = await import("node:fs");
    return existsSync(path);
  } catch {
    return true;
  }
}

/** What libSQL keeps beside an embedded replica, of either kind. */
const REPLICA_SIGNS = ["-client_wal_index", "-info"];

/**
 * Whether a file is an embedded replica: its changes come from a server, and
 * whoever writes to it by himself makes it differ for good.
 */
export async function isReplica(path: string): Promise<boolean> {
  try {
    const { existsSync } = await import("node:fs");
    return REPLICA_SIGNS.some((sign) => existsSync(`${path}${sign}`));
  } catch {
    return false;
  }
}

/**
 * The magic number of the file system that a file is on, or is to be on; `null`
 * where there is no telling.
 */
export async function fileSystemOf(path: string): Promise<bigint | null> {
  try {
    const { existsSync, statfsSync } = await import("node:fs");
    const place = existsSync(path) ? path : parted(path).folder;
    return statfsSync(place, { bigint: true }).type;
  } catch {
    return null;
  }
}

/**
 * Names the run of the machine since it was switched on, as Linux does; empty
 * where there is no telling.
 */
export async function bootOfMachine(): Promise<string> {
  try {
    const { readFileSync } = await import("node:fs");
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
}

/**
 * Calls back when a commit may have been written beside the database file. A
 * hint: where files cannot be watched it is silent. Returns what ends it.
 */
export function watchCommits(
  path: Promise<string>,
  onChange: () => void,
): () => void {
  let stop: (() => void) | null = () => {};
  const start = async () => {
    const { existsSync, realpathSync, watch } = await import("node:fs");
    const given = await path;
    // The log lies beside the file itself, not beside a link to it.
    const real = existsSync(given) ? realpathSync(given) : given;
    const { folder, name } = parted(real);
    if (stop === null) return;
    const watcher = watch(folder, { persistent: false }, (_, changed) => {
      // Some systems do not tell which file it was.
      if (changed === null || changed === `${name}-wal`) onChange();
    });
    watcher.on("error", () => watcher.close());
    stop = () => watcher.close();
  };
  start().catch(() => {});
  return () => {
    stop?.();
    stop = null;
  };
}

function parted(path: string): { folder: string; name: string } {
  const at = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return {
    folder: at < 0 ? "." : path.slice(0, at) || "/",
    name: path.slice(at + 1),
  };
}
