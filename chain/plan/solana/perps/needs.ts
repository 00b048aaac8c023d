import { CutoverError } from '@cutover/base/errors.ts';
import type { FieldType, InstructionShape, ProgramInterface } from './interface.ts';

/** What a call is given, and who signs it. */
interface Call {
  readonly accounts: readonly string[];
  readonly signers: readonly string[];
  readonly arguments: readonly string[];
}

const limits = ['maxUsers', 'maxTvl', 'maxDeposit', 'maxPosition', 'maxLeverage'];
const set = { accounts: ['payer', 'admin', 'exchange'], signers: ['payer', 'admin'] };
const urgent = { accounts: ['admin', 'guardian', 'exchange'], signers: ['admin'], arguments: [] };

/** The calls of an update, and of a pause, a rollback and a launch. `program` and `system` are known to all. */
const calls: Readonly<Record<string, Call>> = {
  initialise: {
    ...set,
    accounts: [...set.accounts, 'programData'],
    arguments: ['relayer', 'guardian', ...limits],
  },
  createMarket: { ...set, accounts: [...set.accounts, 'market'], arguments: ['symbol', 'price'] },
  setLimits: { ...set, arguments: ['limited', ...limits] },
  pause: { ...urgent, signers: ['guardian'], arguments: ['mode'] },
  resume: urgent,
  closeAtMark: { ...urgent, accounts: [...urgent.accounts, 'market', 'user', 'position', 'owner'] },
  returnFunds: { ...urgent, accounts: [...urgent.accounts, 'user', 'owner'] },
};

/** The fields that are read, and whether they are addresses. */
const fields: Readonly<Record<string, Readonly<Record<string, 'address' | 'number' | 'text'>>>> = {
  exchange: {
    ...{ mode: 'number', limited: 'number', tvl: 'number', pool: 'number' },
    ...{ admin: 'address', guardian: 'address' },
  },
  market: { symbol: 'text', price: 'number' },
  user: { owner: 'address', collateral: 'number' },
  position: { user: 'address', market: 'address', margin: 'number' },
};

/**
 * Refuses an interface with which an exchange could be deployed and then not be paused, or not be taken back: what is
 * called in an emergency is held against it when there is none.
 */
export function checkExchange(file: string, description: ProgramInterface): void {
  const { program, instructions, modes } = description;
  const problems = [
    ...['running', 'stopped'].filter((mode) => !modes.has(mode)).map((mode) => `modes.${mode} is missing`),
    ...Object.entries(calls).flatMap(([name, call]) => {
      const shape = instructions.get(name);
      return shape === undefined
        ? [`instructions.${name} is missing`]
        : callProblems(shape, call).map((problem) => `instructions.${name} ${problem}`);
    }),
    ...Object.entries(fields).flatMap(([kind, wanted]) => fieldProblems(description, kind, wanted)),
  ];
  if (problems.length > 0) throw new CutoverError('CUT-2501', { program, file, list: problems.join('; ') });
}

function callProblems(
  shape: InstructionShape,
  { accounts, signers, arguments: given }: Call,
): readonly string[] {
  const known = [...accounts, 'program', 'system'];
  const unknown = shape.accounts.filter(({ name }) => !known.includes(name)).map(({ name }) => name);
  const absent = shape.accounts.filter(
    ({ name, signer }) => signer && known.includes(name) && !signers.includes(name),
  );
  const extra = shape.arguments.filter(({ name, type }) => !type.startsWith('skip') && !given.includes(name));
  return [
    ...unknown.map((name) => `needs the account ${name}; known are ${known.join(', ')}`),
    ...absent.map(({ name }) => `is signed by ${name}; it can be signed by ${signers.join(' and ')}`),
    ...extra.map(({ name }) => `needs the argument ${name}; known are ${given.join(', ') || 'none'}`),
  ];
}

function fieldProblems(
  { accounts }: ProgramInterface,
  kind: string,
  wanted: Readonly<Record<string, 'address' | 'number' | 'text'>>,
): readonly string[] {
  const shape = accounts.get(kind);
  if (shape === undefined) return [`accounts.${kind} is missing`];
  return [...shape.layouts].flatMap(([version, there]) =>
    Object.entries(wanted).flatMap(([name, sort]) => {
      const where = `accounts.${kind}.layouts.${version}.${name}`;
      const type = there.find((each) => each.name === name)?.type;
      if (type === undefined) return [`${where} is missing`];
      return sortOf(type) === sort ? [] : [`${where} is ${type}; it must be ${words[sort]}`];
    }),
  );
}

const words = { address: 'an address', number: 'a number', text: 'text' } as const;

function sortOf(type: FieldType): string {
  if (type === 'address') return 'address';
  return /^[ui]\d/.test(type) ? 'number' : type.replace(/\d+$/, '');
}
