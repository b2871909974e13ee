/**
 * The guarantees that an adapter can break.
 *
 * @module
 */

/** Each by its number, and in a few words. */
export const guarantees = {
  G1: "a message exists if its transaction committed, and only then",
  G2: "nothing is lost",
  G3: "the messages of a key stay in order",
  G4: "one relay at a time",
  G5: "a lane that waits delays no other",
  G6: "an outage costs no message its life",
  G7: "everything is bounded",
  G8: "what is stored is reached again",
} as const;

/** The number of one. */
export type Guarantee = keyof typeof guarantees;
