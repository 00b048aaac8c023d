/** EIP-170: the code of a contract. */
export const codeSizeLimit = 24_576;
/** EIP-3860: what a transaction may bring to create one, arguments included. */
export const initCodeSizeLimit = 2 * codeSizeLimit;

/** Bytes in hex text, placeholders of libraries included. */
export function byteLength(hex: string): number {
  return (hex.length - 2) / 2;
}
