/**
 * The timers of a worker that have neither fired nor been cleared. Import it
 * before what sets them.
 *
 * @module
 */

const pending = new Set<unknown>();
const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;

type Timer = ReturnType<typeof setTimeout>;

Object.assign(globalThis, {
  setTimeout: (fired: (...args: unknown[]) => void, ...rest: [number]) => {
    const timer: Timer = setTimeout((...args: unknown[]) => {
      pending.delete(timer);
      fired(...args);
    }, ...rest);
    pending.add(timer);
    return timer;
  },
  setInterval: (...args: Parameters<typeof setInterval>) => {
    const timer = setInterval(...args);
    pending.add(timer);
    return timer;
  },
  clearTimeout: (timer: Timer) => {
    pending.delete(timer);
    clearTimeout(timer);
  },
  clearInterval: (timer: Timer) => {
    pending.delete(timer);
    clearInterval(timer);
  },
});

/** How many there are. */
export function pendingTimers(): number {
  return pending.size;
}
