/** Completion codes that a person meets, in words; the library's own text serves for the rest. */
const WORDS: Readonly<Record<number, string>> = {
  0: 'All pages were carried over.',
  3: 'No fax machine was heard.',
  6: 'The line is too poor: no speed could be trained.',
  8: 'The other machine cannot work with this one.',
  9: 'The other machine does not receive.',
  10: 'The other machine has nothing to send.',
  13: 'The other machine said something unexpected.',
  15: 'The other machine hung up after a page.',
  17: 'The other machine hung up before it said what it can do.',
  20: 'The other machine did not answer the training.',
  21: 'The other machine did not answer after a page.',
  26: 'The signal was lost within a page.',
  31: 'The page did not come.',
  32: 'The next page did not come.',
  35: 'The other machine hung up before the first page.',
  36: 'The other machine hung up where a page was due.',
  37: 'The other machine hung up at the end of a page.',
  38: 'The other machine hung up between two pages.',
  39: 'The other machine hung up while it was told to wait.',
  40: 'The other machine hung up while damaged parts were due again.',
  41: 'The file of pages could not be opened.',
  42: 'The file has no such page.',
  43: 'The file is of a kind that cannot be sent.',
  48: 'The other machine did not answer any more.',
  49: 'The call ended before the fax did.',
};

/** A sentence for a completion code of T.30 in libspandsp 0.0.6. */
export function faxEndInWords(code: number, otherwise: () => string): string {
  return WORDS[code] ?? `${otherwise()}.`;
}
