import type { Instruction } from '../instruction.ts';
import { loaderInstructionOf, upgrade } from '../loader-instructions.ts';
import type { VaultMessage } from './accounts.ts';
import { compileVaultMessage, instructionsOf } from './message.ts';

/** The program that writes a text into the log. */
export const memoProgram = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr';

/** An upgrade that a vault is to make. */
export interface VaultUpgrade {
  readonly program: string;
  readonly buffer: string;
  /** Who gets the lamports of the buffer. */
  readonly spill: string;
  /** The hash of the build that it promises; undefined where it was made by other tools. */
  readonly promised: string | undefined;
  /** Whether the message does nothing else. */
  readonly pure: boolean;
}

/**
 * The message for an upgrade. Squads keeps no purpose with a transaction, so the hash of the buffer is in a memo in front
 * of the upgrade: whoever approves reads it, and what is executed can be held against it.
 */
export function upgradeMessage(
  vault: string,
  { program, buffer, spill, hash }: Pick<VaultUpgrade, 'program' | 'buffer' | 'spill'> & { hash: string },
): VaultMessage {
  const memo = {
    program: memoProgram,
    accounts: [],
    data: new TextEncoder().encode(memoText(program, hash)),
  };
  return compileVaultMessage(vault, [memo, upgrade({ program, buffer, spill, authority: vault })]);
}

/** What the memo of an upgrade says. */
export function memoText(program: string, hash: string): string {
  return `Upgrade ${program} to a build with the hash ${hash}`;
}

/** The first upgrade in a message; undefined where there is none. */
export function upgradeIn(message: VaultMessage): VaultUpgrade | undefined {
  const instructions = instructionsOf(message);
  const found = instructions?.find((each) => loaderInstructionOf(each) === 'upgrade');
  const [, program, buffer, spill] = found?.accounts ?? [];
  if (instructions === undefined || program === undefined || buffer === undefined || spill === undefined) {
    return undefined;
  }
  const others = instructions.filter((each) => each !== found);
  const memos = others.filter((each) => each.program === memoProgram);
  return {
    program: program.address,
    buffer: buffer.address,
    spill: spill.address,
    promised: promisedIn(memos, program.address),
    pure: others.length === memos.length && memos.length <= 1 && message.lookups === 0,
  };
}

function promisedIn(memos: readonly Instruction[], program: string): string | undefined {
  const text = memos.map(({ data }) => new TextDecoder().decode(data)).join('');
  const hash = /[0-9a-f]{64}$/.exec(text)?.[0];
  return hash !== undefined && text === memoText(program, hash) ? hash : undefined;
}
