import { CutoverError } from '@cutover/base/errors.ts';
import type { ProgramHolder } from './program-facts.ts';
import { holderName } from './program-refusals.ts';

/** Who is to have a program, and who would hand it over. */
export interface HandOverWish {
  readonly title: string;
  readonly program: string;
  /** In words. */
  readonly network: string;
  /** The address whose key is at hand. */
  readonly signer: string;
  readonly to: ProgramHolder;
}

/** What is to be done about who has a program. */
export type HandOver =
  | { readonly kind: 'nothing' }
  /** `from` undefined: the program is not there yet. */
  | { readonly kind: 'hand over'; readonly from: string | undefined }
  | { readonly kind: 'refuse'; readonly error: CutoverError };

/** Decides about a program that is there. `found` undefined: nobody has it, for ever. */
export function planHandOver(wish: HandOverWish, found: string | undefined): HandOver {
  const { title, program, network, signer, to } = wish;
  const wanted = to.kind === 'none' ? undefined : to.address;
  if (found === wanted) return { kind: 'nothing' };
  const details = { title, program, network, signer, wanted: holderName(to) };
  if (found === undefined) return { kind: 'refuse', error: new CutoverError('CUT-2541', details) };
  return found === signer
    ? { kind: 'hand over', from: found }
    : { kind: 'refuse', error: new CutoverError('CUT-2540', { ...details, found }) };
}
