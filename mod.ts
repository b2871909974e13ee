/**
 * Mailboat: a transactional outbox for the edge. Messages are stored in the
 * same transaction as the business rows and delivered at least once, in order
 * per key.
 *
 * @module
 */

export { type Clock, systemClock } from "./src/clock.ts";
export type { Codec, EncodedMessage, SyncCodec } from "./src/codec.ts";
export {
  cloudEventsBinary,
  type CloudEventsOptions,
  cloudEventsStructured,
} from "./src/logic/cloudevents.ts";
export {
  compressingCodec,
  type CompressionOptions,
} from "./src/compressing_codec.ts";
export { rawCodec } from "./src/logic/raw_codec.ts";
export { decodeEvent, type DecodeOptions } from "./src/decode_event.ts";
export type {
  DecodedEvent,
  EventProperties,
  ReceivedEvent,
  ReceivedPacket,
} from "./src/logic/received_event.ts";
export type { Counters } from "./src/aftermath.ts";
export {
  createDeadLetters,
  type DeadLetterPage,
  type DeadLetters,
  type DeadLetterSelection,
  type ExpiredPage,
} from "./src/dead_letters.ts";
export {
  type Consumer,
  type ConsumerStatus,
  createConsumer,
} from "./src/consumer.ts";
export type {
  ConsumerEvent,
  ObserveConsumer,
  ReceivedRef,
} from "./src/consumer_event.ts";
export type { ConsumerCounters } from "./src/sequel.ts";
export type {
  ConsumerOptions,
  ConsumerStorage,
} from "./src/consumer_options.ts";
export type {
  ConsumedEvent,
  EventHandler,
  OneStep,
  OnEvent,
  TwoSteps,
} from "./src/event_handler.ts";
export type { Transactions } from "./src/handling.ts";
export {
  createTurns,
  type TurnOptions,
  type TurnParts,
  type Turns,
} from "./src/turns.ts";
export type {
  Letter,
  LetterBox,
  LetterRef,
  LetterStorage,
  NewLetter,
} from "./src/letter_box.ts";
export type {
  Delivery,
  DeliveryProperties,
  Subscriber,
  SubscribeRequest,
  Subscription,
} from "./src/subscriber.ts";
export { type Dependency, dependency } from "./src/dependency.ts";
export type { Draft, DraftOptions, HeaderSource } from "./src/draft.ts";
export {
  defineEvent,
  type EventDefinition,
  type EventOptions,
} from "./src/event.ts";
export {
  createOutbox,
  type Outbox,
  type OutboxOptions,
  type Prepared,
  type Receipt,
  type SyncOutbox,
} from "./src/outbox.ts";
export { createInbox, type Inbox, type SyncInbox } from "./src/inbox.ts";
export type { InboxEvent, InboxRef, ObserveInbox } from "./src/inbox_event.ts";
export type { InboxMessage } from "./src/inbox_message.ts";
export type { InboxOptions } from "./src/inbox_options.ts";
export type {
  Expiry,
  InboxStorage,
  InboxWriter,
  LaneProgress,
  LookRequest,
  RecordRequest,
  Sighting,
  SyncInboxStorage,
  SyncInboxWriter,
} from "./src/inbox_storage.ts";
export {
  type ErrorCode,
  InputError,
  MailboatError,
  reasonOf,
  type Refusal,
  shorten,
  StorageError,
  TransportError,
} from "./src/errors.ts";
export {
  checkedNumber,
  type NumberOption,
  type OptionsRequest,
  readOptions,
} from "./src/logic/options.ts";
export {
  type Measured,
  type MessageLimits,
  type Misfit,
  misfitOf,
} from "./src/logic/message_limits.ts";
export type { Message, NewMessage, OnDead } from "./src/message.ts";
export type {
  LinkEvent,
  MessageRef,
  Observe,
  RelayEvent,
} from "./src/observe.ts";
export type { LinkState } from "./src/link.ts";
export { type Random, systemRandom } from "./src/random.ts";
export { createRelay, type DrainReport, type Relay } from "./src/relay.ts";
export type { Network, RelayOptions, SendOrder } from "./src/relay_options.ts";
export type { RelayStatus } from "./src/relay_status.ts";
export {
  exponentialRetry,
  type ExponentialRetryOptions,
  type Refused,
  type RetryDecision,
  type RetryPolicy,
} from "./src/logic/retry.ts";
export type { StoreTrouble } from "./src/store_access.ts";
export type {
  SchemaInput,
  SchemaIssue,
  SchemaOutput,
  SchemaResult,
  StandardSchema,
} from "./src/standard_schema.ts";
export type {
  Storage,
  StorageBase,
  SyncStorage,
  SyncWriter,
  Writer,
} from "./src/storage.ts";
export type { FailureRecord } from "./src/failure_record.ts";
export type {
  Archive,
  Durability,
  Lease,
  LeaseRecord,
  MessageSource,
  Page,
  PositionMemory,
  ReadLaneRequest,
  ReadRequest,
  RelayStore,
  Settlement,
  SettleRequest,
  Store,
  Survey,
} from "./src/store.ts";
export type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterStore,
  ExpiredMessage,
} from "./src/dead_letter_store.ts";
export type { Advice } from "./src/advice.ts";
export type {
  Connection,
  ConnectionWarning,
  ConnectRequest,
  Outcome,
  SendFailure,
  SendTerms,
  Transport,
} from "./src/transport.ts";
