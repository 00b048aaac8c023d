/** What the service's own answers have been like, over the last minutes. */
export interface Traffic {
  record(milliseconds: number, failed: boolean, now: number): void;
  summary(now: number): { readonly meanMs: number; readonly errorRate: number };
}

interface Slot {
  slot: number;
  answers: number;
  failures: number;
  totalMs: number;
}

const SLOT_MS = 10_000;
const SLOTS = 30;

/** Counts answers in slots of ten seconds and forgets those older than five minutes. */
export function createTraffic(): Traffic {
  let slots: Slot[] = [];
  const recent = (now: number) => {
    const oldest = Math.floor(now / SLOT_MS) - SLOTS + 1;
    slots = slots.filter(({ slot }) => slot >= oldest);
    return slots;
  };
  return {
    record: (milliseconds, failed, now) => {
      const slot = Math.floor(now / SLOT_MS);
      let current = slots.at(-1);
      if (current?.slot !== slot) {
        current = { slot, answers: 0, failures: 0, totalMs: 0 };
        recent(now).push(current);
      }
      current.answers++;
      current.totalMs += milliseconds;
      if (failed) current.failures++;
    },
    summary: (now) => {
      const sum = (pick: (slot: Slot) => number) =>
        recent(now).reduce((total, slot) => total + pick(slot), 0);
      const answers = sum((slot) => slot.answers);
      if (answers === 0) return { meanMs: 0, errorRate: 0 };
      return {
        meanMs: sum((slot) => slot.totalMs) / answers,
        errorRate: sum((slot) => slot.failures) / answers,
      };
    },
  };
}
