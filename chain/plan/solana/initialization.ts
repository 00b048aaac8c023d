import { CutoverError } from '@cutover/base/errors.ts';
import type { AccountForm } from './account-form.ts';
import type { AccountFields } from './account-state.ts';
import { isAddress } from './address.ts';
import type { Instruction } from './instruction.ts';

/** An account, and what initialises it. */
export interface Initialization {
  readonly title: string;
  readonly address: string;
  readonly owner: string;
  readonly form: AccountForm;
  readonly fields: AccountFields;
  readonly initialize: readonly Instruction[];
}

/** Refuses an initialisation that cannot bring about what it promises, with all that is wrong. */
export function checkInitialization(initialization: Initialization): void {
  const { title, address, owner, fields, initialize } = initialization;
  const writes = initialize.some(({ accounts }) =>
    accounts.some((each) => each.address === address && each.writable),
  );
  const problems = [
    ...(isAddress(address) ? [] : [`address is ${address}; it must be an address, 32 bytes in base58`]),
    ...(isAddress(owner) ? [] : [`owner is ${owner}; it must be an address, 32 bytes in base58`]),
    ...(Object.keys(fields).length > 0
      ? []
      : ['fields is empty: nothing would say whether it is initialised']),
    ...(writes ? [] : [`none of its instructions writes ${address}`]),
  ];
  if (problems.length === 0) return;
  throw new CutoverError('CUT-2527', { title, list: problems.map((each) => `  - ${each}`).join('\n') });
}
