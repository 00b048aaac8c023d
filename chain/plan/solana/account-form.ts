import type { AccountFields, AccountValue } from './account-state.ts';
import { readAccount } from './perps/accounts.ts';
import type { ProgramInterface } from './perps/interface.ts';
import { readTimelock } from './timelock/accounts.ts';

/** How the bytes of an account are read. */
export type AccountForm =
  /** As an interface file describes this kind of account; its path is relative to the project. */
  | { readonly kind: 'interface'; readonly file: string; readonly account: string }
  /** The rules of the project's own time lock: createKey, members, threshold, delaySeconds, graceSeconds. */
  | { readonly kind: 'time lock' };

/** Fields as the engine keeps them: JSON has no numbers of 64 bits, so all numbers are decimal text. */
export function keptFields(fields: AccountFields): AccountFields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, keptValue(value)]));
}

/** What an account holds, as `keptFields` writes it; undefined where its bytes are not those of such an account. */
export function fieldsIn(
  form: AccountForm,
  description: ProgramInterface | undefined,
  data: Uint8Array,
): AccountFields | undefined {
  switch (form.kind) {
    case 'interface': {
      const read = description === undefined ? undefined : readAccount(description, data);
      return read?.kind === form.account && read.values !== undefined ? keptFields(read.values) : undefined;
    }
    case 'time lock': {
      const timelock = readTimelock(data);
      return timelock === undefined
        ? undefined
        : keptFields({ createKey: timelock.createKey, ...timelock.rules });
    }
  }
}

function keptValue(value: AccountValue): AccountValue {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return (value as readonly AccountValue[]).map(keptValue);
  return typeof value === 'object' && value !== null ? keptFields(value as AccountFields) : value;
}
