import { accountAddress, readAccount } from '@cutover/chain/plan/solana/perps/accounts.ts';
import { instructionOf } from '@cutover/chain/plan/solana/perps/instructions.ts';
import type { Values } from '@cutover/chain/plan/solana/perps/values.ts';
import { localKeypair } from '@cutover/chain/plan/solana/signer.ts';
import { perpsInterface } from '@cutover/chain/programs/perps/interface.ts';
import { openSolana, type SolanaPool } from '@cutover/chain/solana/connection.ts';
import { takeFromFaucet } from '@cutover/chain/solana/faucet.ts';
import { signerOfKeypair, type SolanaSigner } from '@cutover/chain/solana/keypairs.ts';
import { sendTransaction } from '@cutover/chain/solana/send.ts';

/** The exchange of a dev stack, and people who trade there. */
export interface Traders {
  readonly pool: SolanaPool;
  readonly exchange: string;
  /** Does something, signed by the user and by admin and relayer. */
  act(name: string, owner: SolanaSigner, values?: Values): Promise<void>;
  /** A user with an account, collateral and a position of five times that. */
  trader(account: number, collateral: bigint): Promise<SolanaSigner>;
  read(address: string): Promise<Values | undefined>;
  /** What stays in the accounts of a user: rents. */
  rentsOf(owner: SolanaSigner): Promise<bigint>;
}

/** The dev stack's admin and its relayer, as Pulumi.dev.yaml names them. */
const [adminAccount, relayerAccount] = [0, 3];

/** SIDE EFFECTS: asks the node. */
export function tradersOn(url: string, program: string): Traders {
  const network = { name: 'test', cluster: 'localnet', endpoints: [{ url }] } as const;
  const pool = openSolana(network);
  const signer = (account: number): SolanaSigner => signerOfKeypair(localKeypair(account));
  const [admin, relayer] = [signer(adminAccount), signer(relayerAccount)];
  const exchange = accountAddress(perpsInterface, program, 'exchange');
  const market = accountAddress(perpsInterface, program, 'market', { symbol: 'SOL-PERP' });
  const userOf = ({ address }: SolanaSigner): string =>
    accountAddress(perpsInterface, program, 'user', { owner: address });
  const positionOf = (owner: SolanaSigner): string =>
    accountAddress(perpsInterface, program, 'position', { user: userOf(owner), market });
  const traders: Traders = {
    ...{ pool, exchange },
    act: async (name, owner, values = {}) => {
      const accounts = {
        ...{ admin: admin.address, relayer: relayer.address, funder: admin.address, exchange, market },
        ...{ owner: owner.address, user: userOf(owner), position: positionOf(owner) },
      };
      const instruction = instructionOf(perpsInterface, name, { program, accounts, arguments: values });
      const signers = [owner, relayer, admin].filter(({ address }) =>
        instruction.accounts.some((each) => each.signer && each.address === address),
      );
      await sendTransaction(pool, { purpose: name, payer: admin, signers, instructions: [instruction] });
    },
    trader: async (account, collateral) => {
      const owner = signer(account);
      await takeFromFaucet(pool, owner.address, 10n * collateral);
      await traders.act('openAccount', owner);
      await traders.act('deposit', owner, { amount: collateral });
      const side = account % 2;
      await traders.act('openPosition', owner, { side, leverage: 10, size: 5n * collateral });
      return owner;
    },
    read: async (address) => {
      const account = await pool.getAccount(address);
      return account === undefined ? undefined : readAccount(perpsInterface, account.data).values;
    },
    rentsOf: async (owner) => {
      const accounts = await pool.getAccounts([userOf(owner), positionOf(owner)]);
      return accounts.reduce((sum, account) => sum + (account?.lamports ?? 0n), 0n);
    },
  };
  return traders;
}
