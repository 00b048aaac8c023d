import type { AccountUse, Instruction } from './instruction.ts';

/** An instruction as the engine keeps it: JSON has no bytes. */
export interface KeptInstruction {
  readonly program: string;
  readonly accounts: readonly AccountUse[];
  /** In base64. */
  readonly data: string;
}

/** An instruction for the state. */
export function keptInstruction({ program, accounts, data }: Instruction): KeptInstruction {
  return { program, accounts, data: Buffer.from(data).toString('base64') };
}

/** An instruction out of the state. */
export function instructionOfKept({ program, accounts, data }: KeptInstruction): Instruction {
  return { program, accounts, data: Uint8Array.from(Buffer.from(data, 'base64')) };
}
