import { ownText } from './text.ts';

/** Texts of one generation. */
const REMEMBERED = 256;
/** A longer text is rare, and not worth the room. */
const LONGEST_CHARS = 256;

/**
 * A reader that remembers: the addresses of a call come again with each of its messages, and are the most of the work of
 * reading them. Two generations, so that what is asked for stays and the rest goes. What is malformed is not remembered.
 */
export function remembering<Value extends object>(
  read: (text: string) => Value | undefined,
): (text: string) => Value | undefined {
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  const learn = (text: string, known: Value | undefined): Value | undefined => {
    const own = ownText(text);
    const value = known ?? read(own);
    if (value === undefined) return undefined;
    if (young.size >= REMEMBERED) {
      old = young;
      young = new Map();
    }
    young.set(own, value);
    return value;
  };
  return (text) => {
    if (text.length > LONGEST_CHARS) return read(text);
    return young.get(text) ?? learn(text, old.get(text));
  };
}
