/**
 * What tests of an outbox need: a clock that stands still, dice that repeat,
 * a storage and a broker in memory, and faults to order. For every test runner.
 *
 * @module
 */

export {
  createMemoryStorage,
  createSyncMemoryStorage,
  type MemoryControls,
  type MemorySnapshot,
  type MemoryStatement,
  type MemoryStorage,
  type MemoryStorageOptions,
  type SyncMemoryStorage,
} from "./memory_storage.ts";
export type { ArchivedMessage, MemoryRow } from "./memory_database.ts";
export type { MemoryTransaction } from "./memory_transaction.ts";
export {
  type Answer,
  type Arrival,
  createMemoryTransport,
  type Delay,
  type HangPoint,
  type MemoryTransport,
  type MemoryTransportOptions,
  type OnTheWire,
} from "./memory_transport.ts";
export { createSeededRandom, type SeededRandom } from "./seeded_random.ts";
export {
  createVirtualClock,
  type VirtualClock,
  type VirtualClockOptions,
} from "./virtual_clock.ts";
