/** An account that an instruction uses. */
export interface AccountUse {
  readonly address: string;
  readonly signer: boolean;
  readonly writable: boolean;
}

/** One call of a program. */
export interface Instruction {
  readonly program: string;
  readonly accounts: readonly AccountUse[];
  readonly data: Uint8Array;
}

/** An account that is only read. */
export function readable(address: string): AccountUse {
  return { address, signer: false, writable: false };
}

/** An account that is written. */
export function writable(address: string): AccountUse {
  return { address, signer: false, writable: true };
}

/** The same account, and it signs. */
export function signing(use: AccountUse): AccountUse {
  return { ...use, signer: true };
}

/** One byte. */
export function u8(value: number): Uint8Array {
  return Uint8Array.of(value);
}

/** Two bytes, lowest first. */
export function u16(value: number): Uint8Array {
  return written(2, (view) => view.setUint16(0, value, true));
}

/** Four bytes, lowest first. */
export function u32(value: number): Uint8Array {
  return written(4, (view) => view.setUint32(0, value, true));
}

/** Eight bytes, lowest first. */
export function u64(value: bigint | number): Uint8Array {
  return written(8, (view) => view.setBigUint64(0, BigInt(value), true));
}

/** Eight bytes with a sign, lowest first. */
export function i64(value: bigint | number): Uint8Array {
  return written(8, (view) => view.setBigInt64(0, BigInt(value), true));
}

/** Parts in one piece. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A view of the numbers in bytes, also where they are part of a larger buffer. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function written(length: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  write(viewOf(bytes));
  return bytes;
}
