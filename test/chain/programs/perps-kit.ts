import { programDataAddress } from '@cutover/chain/plan/solana/address.ts';
import type { Instruction } from '@cutover/chain/plan/solana/instruction.ts';
import { accountAddress, readAccount } from '@cutover/chain/plan/solana/perps/accounts.ts';
import { instructionOf } from '@cutover/chain/plan/solana/perps/instructions.ts';
import type { Values } from '@cutover/chain/plan/solana/perps/values.ts';
import { perpsInterface } from '@cutover/chain/programs/perps/interface.ts';
import type { SolanaSigner } from '@cutover/chain/solana/keypairs.ts';
import type { SbpfVersion } from '../../../toolchain/sbpf/link.ts';
import { builtProgram, type ProgramBench } from './program-kit.ts';

export const sol = 1_000_000_000n;
export const startPrice = 100_000_000n;

/** The first weeks of the beta, in lamports. */
export const betaLimits = {
  maxUsers: 3n,
  maxTvl: 20n * sol,
  maxDeposit: 10n * sol,
  maxPosition: 50n * sol,
  maxLeverage: 20n,
} as const;

/** An exchange with a market and 200 SOL in its pool, and what tests do with it. */
export interface ExchangeBench {
  readonly program: string;
  readonly exchange: string;
  readonly market: string;
  readonly admin: SolanaSigner;
  readonly relayer: SolanaSigner;
  readonly guardian: SolanaSigner;
  userOf(owner: SolanaSigner): string;
  positionOf(owner: SolanaSigner, market?: string): string;
  /** An instruction by its name, with the accounts that all of them share filled in. */
  call(name: string, owner: SolanaSigner | undefined, values?: Values, accounts?: Accounts): Instruction;
  /** Does it, signed by whoever has to. */
  act(name: string, owner?: SolanaSigner, values?: Values): Promise<void>;
  /** Why the program refuses it, by name. */
  refusal(name: string, owner?: SolanaSigner, values?: Values, change?: Change): Promise<string>;
  /** Why the program refuses an instruction that is signed as given. */
  refusalOf(instruction: Instruction, ...signers: readonly SolanaSigner[]): Promise<string>;
  read(address: string): Promise<Values>;
  /** A user with an account and so many lamports in it. */
  user(deposit?: bigint): Promise<SolanaSigner>;
  mark(price: bigint): Promise<void>;
}

type Accounts = Readonly<Record<string, string>>;
interface Change {
  readonly accounts?: Accounts;
  readonly signers?: readonly SolanaSigner[];
}

/** Deploys a release of the program and sets an exchange up. */
export async function makeExchange(
  bench: ProgramBench,
  release: 1 | 2 = 1,
  version: SbpfVersion = 0,
): Promise<ExchangeBench> {
  const program = await bench.deploy(builtProgram(`perps/perps-${release}`, version));
  const [relayer, guardian] = [await bench.person(), await bench.person()];
  const admin = bench.payer;
  const exchange = accountAddress(perpsInterface, program, 'exchange');
  const market = accountAddress(perpsInterface, program, 'market', { symbol: 'SOL-PERP' });
  const people = new Map([admin, relayer, guardian].map((signer) => [signer.address, signer]));
  const nameOf = (code: number): string =>
    perpsInterface.errors.get(code)?.name ?? `an unknown error ${code}`;

  const made: ExchangeBench = {
    program,
    exchange,
    market,
    admin,
    relayer,
    guardian,
    userOf: ({ address }) => accountAddress(perpsInterface, program, 'user', { owner: address }),
    positionOf: (owner, at = market) =>
      accountAddress(perpsInterface, program, 'position', { user: made.userOf(owner), market: at }),
    call: (name, owner, values = {}, accounts = {}) => {
      if (owner !== undefined) people.set(owner.address, owner);
      const theirs =
        owner === undefined
          ? {}
          : { owner: owner.address, user: made.userOf(owner), position: made.positionOf(owner) };
      return instructionOf(perpsInterface, name, {
        program,
        accounts: {
          ...{
            payer: admin.address,
            admin: admin.address,
            relayer: relayer.address,
            guardian: guardian.address,
          },
          ...{ funder: admin.address, recipient: admin.address, exchange, market },
          programData: programDataAddress(program),
          ...theirs,
          ...accounts,
        },
        arguments: values,
      });
    },
    act: async (name, owner, values) => {
      const instruction = made.call(name, owner, values);
      await bench.send([instruction], signersOf(instruction));
    },
    refusal: (name, owner, values, { accounts, signers = [] } = {}) => {
      for (const signer of signers) people.set(signer.address, signer);
      const instruction = made.call(name, owner, values, accounts);
      return made.refusalOf(instruction, ...signersOf(instruction));
    },
    refusalOf: async (instruction, ...signers) => nameOf(await bench.refused([instruction], signers)),
    read: async (address) => {
      const account = await bench.account(address);
      const read = readAccount(perpsInterface, account?.data ?? new Uint8Array());
      if (read.values === undefined) throw new Error(`nothing can be read at ${address}`);
      return { ...read.values, layout: read.layout };
    },
    user: async (deposit = 0n) => {
      const owner = await bench.person();
      await made.act('openAccount', owner);
      if (deposit > 0n) await made.act('deposit', owner, { amount: deposit });
      return owner;
    },
    mark: (price) => made.act('setMark', undefined, { price }),
  };
  const signersOf = ({ accounts }: Instruction): readonly SolanaSigner[] =>
    accounts.filter(({ signer }) => signer).flatMap(({ address }) => people.get(address) ?? []);

  const roles = { relayer: relayer.address, guardian: guardian.address };
  await made.act('initialise', undefined, { ...roles, ...betaLimits });
  await made.act('createMarket', undefined, { symbol: 'SOL-PERP', price: startPrice });
  await made.act('fundPool', undefined, { amount: 200n * sol });
  return made;
}
