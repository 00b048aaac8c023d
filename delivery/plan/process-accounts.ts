/** An account of a local Solana node as its snapshot holds it; `data` is base64. */
export interface Account {
  readonly lamports: number;
  readonly owner: string;
  readonly executable: boolean;
  readonly data: string;
}

/** Accounts by address. */
export type Accounts = Readonly<Record<string, Account>>;

/** An account as the node takes it back; `data` is hexadecimal. */
export interface Restore {
  readonly address: string;
  readonly update: Account;
}

const upgradeableLoader = 'BPFLoaderUpgradeab1e11111111111111111111111';
/** The tag with which the upgradeable loader marks an account that holds a program's code. */
const programData = 3;

/** The accounts that differ from those of a node that has just begun. */
export function changedAccounts(pristine: Accounts, now: Accounts): Accounts {
  return Object.fromEntries(
    Object.entries(now).filter(([address, account]) => {
      const before = pristine[address];
      return (
        before === undefined ||
        before.data !== account.data ||
        before.owner !== account.owner ||
        before.lamports !== account.lamports ||
        before.executable !== account.executable
      );
    }),
  );
}

/**
 * The accounts in the order and form in which a new node takes them: code before the programs that run it. The slot in
 * which a program was deployed is set to 0, since the new node's slots begin again, and code from the future cannot run.
 */
export function forRestore(accounts: Accounts): readonly Restore[] {
  return Object.entries(accounts)
    .sort(([, a], [, b]) => Number(a.executable) - Number(b.executable))
    .map(([address, { lamports, owner, executable, data }]) => {
      const bytes = Buffer.from(data, 'base64');
      if (owner === upgradeableLoader && bytes.length >= 12 && bytes.readUInt32LE(0) === programData) {
        bytes.writeBigUInt64LE(0n, 4);
      }
      return { address, update: { lamports, owner, executable, data: bytes.toString('hex') } };
    });
}
