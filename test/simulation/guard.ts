/**
 * The guard: while a seed runs, nobody may reach past the ports for time, dice
 * or a timer of the machine.
 *
 * @module
 */

/** What is forbidden: an object, and the name of a function of it. */
const FORBIDDEN: readonly (readonly [object, string])[] = [
  [Date, "now"],
  [performance, "now"],
  [Math, "random"],
  [crypto, "randomUUID"],
  [crypto, "getRandomValues"],
  [AbortSignal, "timeout"],
  [globalThis, "setTimeout"],
  [globalThis, "setInterval"],
  [globalThis, "setImmediate"],
  [globalThis, "queueMicrotask"],
  [process, "hrtime"],
  [process, "nextTick"],
];

/** Runs work that leaves the event loop alone, with every way round the ports closed. */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  const before = FORBIDDEN.map(([owner, name]) =>
    Object.getOwnPropertyDescriptor(owner, name)
  );
  for (const [owner, name] of FORBIDDEN) {
    const value = () => {
      throw new Error(`Cannot call ${name} as a seed runs: use the ports`);
    };
    Object.defineProperty(owner, name, {
      value,
      configurable: true,
      writable: true,
    });
  }
  const { Date: RealDate } = globalThis;
  globalThis.Date = DateOfNow;
  // Errors are everyday life here; where each was made costs more than all else.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return await work();
  } finally {
    globalThis.Date = RealDate;
    Error.stackTraceLimit = stackTraceLimit;
    FORBIDDEN.forEach(([owner, name], index) => {
      const descriptor = before[index];
      if (descriptor === undefined) Reflect.deleteProperty(owner, name);
      else Object.defineProperty(owner, name, descriptor);
    });
  }
}

/** A date of some instant is harmless; the present one is not. */
const DateOfNow: DateConstructor = new Proxy(Date, {
  construct(target, given, newTarget) {
    if (given.length > 0) return Reflect.construct(target, given, newTarget);
    throw new Error(
      "Cannot create a date of now as a seed runs: use the ports",
    );
  },
  apply() {
    throw new Error("Cannot tell the date as a seed runs: use the ports");
  },
});
