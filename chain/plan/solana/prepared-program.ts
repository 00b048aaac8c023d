import { CutoverError } from '@cutover/base/errors.ts';
import type { ProgramAuthorityRef } from './authority.ts';
import type { SolanaSignerRef } from './signer.ts';

/** A program before anything is sent: its build checked, its address known. Small and plain, fit for state. */
export interface PreparedProgram {
  /** For people. */
  readonly title: string;
  /** Where its build is, relative to the project. */
  readonly artifact: string;
  /** The program's id. */
  readonly program: string;
  /** The keypair of that address, which signs the first deployment and nothing else. */
  readonly key?: SolanaSignerRef;
  /** The build's hash as `solana-verify` computes it: of its bytes without the zeros at their end. */
  readonly hash: string;
  /** SHA-256 of the whole file, as `sha256sum` prints it. */
  readonly fileHash: string;
  /** How many bytes it has. */
  readonly size: number;
}

/** What must be said where a program is to be nobody's: it can never be changed again. */
export type Immutable = 'for ever';

/** Refuses to take the authority away for good where nothing says that it is meant. */
export function checkImmutable(
  title: string,
  authority: ProgramAuthorityRef,
  immutable: Immutable | undefined,
): void {
  if (authority.kind === 'none' && immutable !== 'for ever') throw new CutoverError('CUT-2525', { title });
}
