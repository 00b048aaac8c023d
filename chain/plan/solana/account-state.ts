import { CutoverError } from '@cutover/base/errors.ts';
import { systemProgram } from './address.ts';

/** What a field of an account can hold, once its bytes are read. */
export type AccountValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly AccountValue[]
  | { readonly [field: string]: AccountValue };

/** Fields by name. */
export type AccountFields = Readonly<Record<string, AccountValue>>;

/** An account that is initialised once: a market, the governance, limits. */
export interface AccountWish {
  readonly title: string;
  readonly address: string;
  /** The program that it belongs to. */
  readonly owner: string;
  /** What must hold afterwards. Fields that are not named may hold anything. */
  readonly fields: AccountFields;
}

/** An account as the chain has it; `fields` undefined where its bytes are not those of such an account. */
export interface ObservedState {
  readonly owner: string;
  readonly size: number;
  readonly fields: AccountFields | undefined;
}

/** What is to be done about such an account. It is never changed when it is there. */
export type AccountPlan =
  | { readonly kind: 'nothing' }
  /** Nothing is there: send what initialises it. */
  | { readonly kind: 'send' }
  | {
      readonly kind: 'refuse';
      readonly error: CutoverError;
      /** Names of the fields that hold something else; none where the account is somebody else's. */
      readonly fields: readonly string[];
    };

/** Holds an account as it is wanted against what the chain says. */
export function planAccountState(wish: AccountWish, observed: ObservedState | undefined): AccountPlan {
  const { title, address, owner } = wish;
  const refuse = (found: string): AccountPlan => ({
    kind: 'refuse',
    error: new CutoverError('CUT-2433', { title, address, owner, found }),
    fields: [],
  });
  // Anybody can send lamports to an address before it is used: that makes it no account of a program yet.
  if (observed === undefined || (observed.owner === systemProgram && observed.size === 0)) {
    return { kind: 'send' };
  }
  if (observed.owner !== owner) return refuse(`it is an account of ${observed.owner}`);
  if (observed.fields === undefined) {
    return refuse(`it has ${observed.size} bytes that are not those of such an account`);
  }
  const differences = differencesOf(wish.fields, observed.fields, '');
  if (differences.length === 0) return { kind: 'nothing' };
  const list = differences
    .map(({ field, wanted, found }) => `  - ${field} is ${found}; wanted is ${wanted}`)
    .join('\n');
  return {
    kind: 'refuse',
    error: new CutoverError('CUT-2432', { title, address, list }),
    fields: differences.map(({ field }) => field),
  };
}

interface Difference {
  readonly field: string;
  readonly wanted: string;
  readonly found: string;
}

/** Where a value does not hold, down to the single field: `limits.users`, `markets[2]`. */
function differencesOf(
  wanted: AccountValue,
  found: AccountValue | undefined,
  field: string,
): readonly Difference[] {
  if (isFields(wanted) && isFields(found)) {
    return Object.entries(wanted).flatMap(([name, value]) =>
      differencesOf(value, found[name], field === '' ? name : `${field}.${name}`),
    );
  }
  if (isList(wanted) && isList(found) && wanted.length === found.length) {
    return wanted.flatMap((value, index) => differencesOf(value, found[index], `${field}[${index}]`));
  }
  return isSame(wanted, found) ? [] : [{ field, wanted: shown(wanted), found: shown(found) }];
}

/** Numbers are the same in whatever type they were read. */
function isSame(wanted: AccountValue, found: AccountValue | undefined): boolean {
  const isNumber = (value: unknown): boolean => typeof value === 'number' || typeof value === 'bigint';
  return isNumber(wanted) && isNumber(found) ? wanted == found : wanted === found;
}

function isList(value: AccountValue | undefined): value is readonly AccountValue[] {
  return Array.isArray(value);
}

function isFields(value: AccountValue | undefined): value is AccountFields {
  return typeof value === 'object' && value !== null && !isList(value);
}

function shown(value: AccountValue | undefined): string {
  if (value === undefined) return 'not there';
  if (typeof value === 'string') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(shown).join(', ')}]`;
  if (!isFields(value)) return String(value);
  return `{ ${Object.entries(value)
    .map(([name, each]) => `${name}: ${shown(each)}`)
    .join(', ')} }`;
}
