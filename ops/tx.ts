import { Argument, Option, type Command } from 'commander';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import type { Account } from '@cutover/chain/evm/account.ts';
import type { JournalFile } from '@cutover/chain/evm/journal/place.ts';
import type { JournalTransaction } from '@cutover/chain/evm/journal/records.ts';
import type { NetworkRef } from '@cutover/chain/plan/network.ts';
import type { TransactionState } from '@cutover/chain/plan/transaction/state.ts';
import type { CutoverConfig } from '../infra/config.ts';
import { anAddress } from './given-address.ts';
import { duration, table, terminalOn } from './terminal.ts';

/** What `./cutover tx --json` prints. */
export interface TransactionsReport {
  readonly stack: string;
  readonly transactions: readonly TransactionReport[];
}

/** One transaction of a journal. Amounts are decimal text in wei, times ISO 8601. */
export interface TransactionReport {
  readonly network: string;
  readonly chainId: number;
  readonly account: string;
  readonly nonce: number;
  readonly state: TransactionState;
  readonly inFlight: boolean;
  readonly since: string;
  readonly sent: string;
  readonly purpose: string;
  readonly key: string;
  /** Of the block's transaction, or the one that was sent last. */
  readonly hash: string | undefined;
  readonly block: number | undefined;
  /** The most that a unit of gas may cost. */
  readonly price: string | undefined;
  readonly bumps: number;
  readonly cancelling: boolean;
  readonly history: readonly { readonly at: string; readonly what: string }[];
}

interface TxOptions {
  readonly json: boolean;
  readonly all: boolean;
  readonly account?: string;
  readonly network?: string;
}

const doneShown = 10;

/** `./cutover tx [STACK]`: the journal of transactions; `tx bump` and `tx cancel` deal with one that is stuck. */
export function registerTx(program: Command): void {
  const stack = (): Argument =>
    new Argument('[stack]', 'the stack').choices(['dev', 'staging', 'prod']).default('dev');
  const tx = program
    .command('tx')
    .description('show the transactions that were sent, and what is on its way')
    .addArgument(stack())
    .option('--account <address>', 'only those of this account', anAddress)
    .option('--network <name>', 'only those on this network of the stack')
    .option('--all', `all of them, not only what is on its way and the last ${doneShown}`, false)
    .option('--json', 'print it as JSON', false)
    .addHelpText(
      'after',
      `
It reads the journal on this machine and asks no chain. CUTOVER_JOURNAL names another folder.

Examples:
  ./cutover tx staging
  ./cutover tx bump 0x12…ef staging        send it again at a higher price
  ./cutover tx cancel 0x12…ef staging      free its nonce with a transaction that does nothing`,
    )
    .action(async (name: string, options: TxOptions) => {
      const report = await transactionsReport(name, options);
      if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      else print(report);
    });
  for (const [name, description] of [
    ['bump', 'send a transaction that is on its way again, at a higher price'],
    ['cancel', 'use up the nonce of a transaction that is on its way with one that does nothing'],
  ] as const) {
    tx.command(name)
      .description(description)
      .argument('<hash>', 'the hash that `./cutover tx` shows')
      .addArgument(stack())
      .addOption(new Option('--json', 'print the result as JSON').default(false))
      .action(async (hash: string, of: string, { json }: { readonly json: boolean }, command: Command) => {
        const asJson = json || command.parent?.opts<TxOptions>().json === true;
        await replace(name, hash, of, asJson);
      });
  }
}

/** Reads the journals of a stack's chains. */
export async function transactionsReport(
  stack: string,
  options: Pick<TxOptions, 'all' | 'account' | 'network'>,
): Promise<TransactionsReport> {
  const { openJournal } = await import('@cutover/chain/evm/journal/journal.ts');
  const transactions: TransactionReport[] = [];
  const { networks, journals } = await journalsOf(stack);
  const { network: wanted } = options;
  const known = networks.map(({ name }) => name);
  if (wanted !== undefined && !known.includes(wanted)) {
    throw new CutoverError('CUT-2237', { stack, network: wanted, known: known.join(', ') || 'none' });
  }
  for (const { file, network } of journals) {
    if (wanted !== undefined && network.name !== wanted) continue;
    if (options.account !== undefined && file.account.toLowerCase() !== options.account.toLowerCase())
      continue;
    const journal = openJournal(file.path, '');
    try {
      const all = journal
        .all()
        .map((each) => reportOf(each, network, file.account, journal.history(each.id)));
      const done = all.filter(({ inFlight }) => !inFlight);
      const shown = options.all ? done : done.slice(-doneShown);
      transactions.push(...shown, ...all.filter(({ inFlight }) => inFlight));
    } finally {
      journal.close();
    }
  }
  return { stack, transactions };
}

function reportOf(
  transaction: JournalTransaction,
  { name, chainId }: NetworkRef,
  account: string,
  history: readonly { readonly atMs: number; readonly what: string }[],
): TransactionReport {
  const { nonce, state, settled, sinceMs, createdMs, purpose, key, inclusion, attempts } = transaction;
  const last = attempts.findLast(({ state: each }) => each !== 'refused');
  const price =
    last === undefined ? undefined : last.fees.type === 2 ? last.fees.maxFeePerGas : last.fees.gasPrice;
  const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
  return {
    ...{ network: name, chainId, account, nonce, state, purpose, key },
    inFlight: !settled && ['pending', 'stalled', 'orphaned'].includes(state),
    since: iso(sinceMs),
    sent: iso(createdMs),
    hash: inclusion?.hash ?? last?.hash,
    block: inclusion?.blockNumber,
    price: price === undefined ? undefined : String(price),
    bumps: attempts.filter(({ kind }) => kind === 'bump').length,
    cancelling: last?.kind === 'cancel',
    history: history.map(({ atMs, what }) => ({ at: iso(atMs), what })),
  };
}

function print({ stack, transactions }: TransactionsReport): void {
  const { line, style } = terminalOn(process.stdout);
  if (transactions.length === 0) {
    line(`No transaction of ${stack} is in the journal on this machine.`);
    return;
  }
  const now = Date.now();
  const rows = transactions.map((each) => [
    each.cancelling && each.inFlight ? `${each.state}, being cancelled` : each.state,
    duration(now - Date.parse(each.since)),
    String(each.nonce),
    each.price === undefined ? '' : `${gwei(each.price)} gwei`,
    String(each.bumps),
    each.purpose,
    each.network,
    each.hash ?? 'not signed yet',
  ]);
  const headings = ['STATE', 'FOR', 'NONCE', 'AT MOST', 'BUMPS', 'WHAT', 'NETWORK', 'HASH'];
  const [heading = '', ...lines] = table([headings, ...rows]);
  line(style('dim', heading));
  lines.forEach((text, index) => {
    const state = transactions[index]?.state;
    if (state === 'failed') line(style('red', text));
    else line(transactions[index]?.inFlight === true ? style('yellow', text) : text);
  });
  const inFlight = transactions.filter((each) => each.inFlight).length;
  line();
  line(inFlight === 0 ? style('green', 'Nothing is on its way.') : `${inFlight} on their way.`);
}

function gwei(wei: string): string {
  return (Number(wei) / 1e9).toFixed(2).replace(/\.?0+$/, '');
}

async function replace(kind: 'bump' | 'cancel', hash: string, stack: string, json: boolean): Promise<void> {
  const [{ openJournal }, { journalFolder }, { connect }, sender] = await Promise.all([
    import('@cutover/chain/evm/journal/journal.ts'),
    import('@cutover/chain/journal/place.ts'),
    import('@cutover/chain/evm/rpc.ts'),
    import('@cutover/chain/evm/sender.ts'),
  ]);
  for (const { file, network } of (await journalsOf(stack)).journals) {
    const journal = openJournal(file.path, '');
    const transaction = journal.find(hash);
    journal.close();
    if (transaction === undefined) continue;
    const account = await signerOf(transaction, file.account, hash, network);
    const replacement = await sender[kind](await connect(network), account, hash);
    if (json) process.stdout.write(`${JSON.stringify({ hash, replacement, kind })}\n`);
    else
      process.stdout.write(
        `${transaction.purpose}: sent ${replacement} with the same nonce, at a higher price\n`,
      );
    return;
  }
  throw new CutoverError('CUT-2230', { hash, folder: journalFolder() });
}

async function signerOf(
  { signer }: JournalTransaction,
  address: string,
  hash: string,
  network: NetworkRef,
): Promise<Account> {
  const refuse = (reason: string): CutoverError =>
    new CutoverError('CUT-2232', { hash, account: address, reason });
  if (signer === undefined) throw refuse('the journal does not know its key by name');
  const { openAccount } = await import('@cutover/chain/evm/account.ts');
  const account = await openAccount(signer, network).catch((error: unknown) => {
    throw refuse(messageOf(error));
  });
  if (account.address !== address) throw refuse(`its key is now that of ${account.address}`);
  return account;
}

/** The journals of a stack's chains. Of a local chain only the newest: those of chains that were wiped mean nothing. */
async function journalsOf(stack: string): Promise<{
  readonly networks: readonly NetworkRef[];
  readonly journals: readonly { readonly file: JournalFile; readonly network: NetworkRef }[];
}> {
  const [{ loadStackConfig }, { listJournals }, { isLocal }] = await Promise.all([
    import('./config.ts'),
    import('@cutover/chain/evm/journal/place.ts'),
    import('@cutover/chain/plan/network.ts'),
  ]);
  const [config, files] = await Promise.all([loadStackConfig(stack), listJournals()]);
  const networks = networksOf(config);
  const journals = networks.flatMap((network) => {
    const here = files.filter(({ chainId, port }) => chainId === network.chainId && isOn(network, port));
    const newest = here.filter(
      ({ account }, index) => here.findIndex((each) => each.account === account) === index,
    );
    return (isLocal(network) ? newest : here).map((file) => ({ file, network }));
  });
  return { networks, journals };
}

function isOn({ endpoints }: NetworkRef, port: string | undefined): boolean {
  const url = endpoints[0]?.url;
  return port === undefined || (typeof url === 'string' && new URL(url).port === port);
}

function networksOf(config: CutoverConfig): readonly NetworkRef[] {
  return Object.entries(config.networks).flatMap(([name, network]) => {
    if (network.kind !== 'evm') return [];
    const { chainId, confirmations, fees, endpoints } = network;
    return [{ name, chainId, confirmations, fees, endpoints: endpoints }];
  });
}
