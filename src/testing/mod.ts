/**
 * What tests of an outbox need: a clock that stands still, dice that repeat,
 * a storage and a broker in memory, and faults to order. For every test runner.
 *
 * @module
 */

export {
  createFaultyStorage,
  type StorageFault,
  type StorageFaultRule,
  type StorageWith,
  type StoreOperation,
} from "./faulty_storage.ts";
export {
  type ConnectFault,
  createFaultyTransport,
  type SendFault,
  type TransportFaultRules,
} from "./faulty_transport.ts";
export type { HistoryEntry, HistoryMessage } from "./history.ts";
export { type ParsedHistory, parseHistory } from "./history_lines.ts";
export {
  isFlawless,
  judgeHistory,
  type JudgeOptions,
  type Verdict,
} from "./judge_history.ts";
export { ReferenceModel } from "./reference_model.ts";
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
export type { Answer, Arrival, Ending, HangPoint } from "./memory_broker.ts";
export type { Delay } from "./memory_connection.ts";
export {
  createMemorySubscriber,
  type MemoryDelivery,
  type MemorySubscriber,
  type MemorySubscriberOptions,
} from "./memory_subscriber.ts";
export {
  createMemoryTransport,
  type CutOptions,
  type DownCode,
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
export type { ConformanceCase } from "./conformance/conformance_case.ts";
export {
  batchStorageConformance,
  type BatchStorageConformanceOptions,
} from "./conformance/batch_conformance.ts";
export type {
  BatchHarness,
  CreateBatchHarness,
} from "./conformance/batch_harness.ts";
export {
  inboxConformance,
  type InboxConformanceOptions,
} from "./conformance/inbox_conformance.ts";
export type {
  CreateInboxHarness,
  InboxHarness,
} from "./conformance/inbox_harness.ts";
export {
  letterConformance,
  type LetterConformanceOptions,
} from "./conformance/letter_conformance.ts";
export type {
  CreateLetterHarness,
  LetterHarness,
} from "./conformance/letter_harness.ts";
export {
  storageConformance,
  type StorageConformanceOptions,
} from "./conformance/storage_conformance.ts";
export type {
  CreateStorageHarness,
  StorageHarness,
} from "./conformance/storage_harness.ts";
export {
  transportConformance,
  type TransportConformanceOptions,
} from "./conformance/transport_conformance.ts";
export type {
  CreateTransportHarness,
  ReceivedMessage,
  TransportHarness,
} from "./conformance/transport_harness.ts";
export {
  subscriberConformance,
  type SubscriberConformanceOptions,
} from "./conformance/subscriber_conformance.ts";
export type {
  CreateSubscriberHarness,
  SubscriberHarness,
} from "./conformance/subscriber_harness.ts";
