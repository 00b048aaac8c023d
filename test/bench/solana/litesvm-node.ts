// node test/bench/solana/litesvm-node.ts ADDON: a node for measurements until its parent ends. A fake in all but the
// execution: LiteSVM runs the transactions with the real programs, and this file plays the RPC and a block each 400 ms.
// surfpool keeps a profile of each transaction and gets slower with each; here nothing of the kind is in the way.
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { addressBytes, base58, bytesOfBase58 } from '@cutover/chain/plan/solana/address.ts';

/** What is used of the addon. */
interface Svm {
  setBlockhashCheck(check: boolean): void;
  setSigverify(check: boolean): void;
  setTransactionHistory(capacity: bigint): void;
  minimumBalanceForRentExemption(space: bigint): bigint;
  getAccount(address: Uint8Array): SvmAccount | null;
  setAccount(address: Uint8Array, account: SvmAccount): void;
  getProgramAccounts(program: Uint8Array): { readonly address: Uint8Array; account(): SvmAccount }[];
  sendVersionedTransaction(raw: Uint8Array): SvmResult;
  simulateVersionedTransaction(raw: Uint8Array): SvmResult;
  warpToSlot(slot: bigint): void;
}
interface SvmAccount {
  lamports(): bigint;
  data(): Uint8Array;
  owner(): Uint8Array;
  executable(): boolean;
}
interface SvmResult {
  toString(): string;
  err?(): unknown;
  meta(): { logs(): string[]; computeUnitsConsumed(): bigint };
}
interface Addon {
  readonly LiteSvm: new () => Svm;
  readonly Account: new (
    lamports: bigint,
    data: Uint8Array,
    owner: Uint8Array,
    executable: boolean,
    rentEpoch: bigint,
  ) => SvmAccount;
}

interface Question {
  readonly id: number;
  readonly method: string;
  readonly params?: readonly unknown[];
}

const slotMilliseconds = 400;
const blockhashesKept = 150;
const { LiteSvm, Account } = createRequire(import.meta.url)(process.argv[2] ?? '') as Addon;
const svm = new LiteSvm();
// It knows one blockhash; clusters take those of the last 150 blocks, which is checked below.
svm.setBlockhashCheck(false);
svm.setTransactionHistory(100_000n);
const genesis = base58(createHash('sha256').update('a bench').digest());
let slot = 1;
const blockhashes = [newBlockhash()];
let waiting: { readonly raw: Uint8Array; readonly signature: string }[] = [];
const landed = new Map<string, { readonly slot: number; readonly error: unknown }>();

setInterval(() => {
  const block = waiting;
  waiting = [];
  svm.warpToSlot(BigInt(++slot));
  for (const { raw, signature } of block) {
    if (landed.has(signature) || !blockhashes.includes(blockhashOf(raw))) continue;
    landed.set(signature, { slot, error: errorOf(svm.sendVersionedTransaction(raw)) });
  }
  blockhashes.unshift(newBlockhash());
  blockhashes.length = Math.min(blockhashes.length, blockhashesKept);
}, slotMilliseconds);

function newBlockhash(): string {
  return base58(randomBytes(32));
}

function bytesOf58(text: string): Uint8Array {
  for (let length = 1; length <= 128; length++) {
    const bytes = bytesOfBase58(text, length);
    if (bytes !== undefined) return bytes;
  }
  throw new Error(`${text} is not base58`);
}

/** Where it is in a transaction: behind the signatures, the header and the accounts. */
function blockhashOf(raw: Uint8Array): string {
  let at = 1 + 64 * (raw[0] ?? 0);
  // A version of the message comes before its header.
  if (((raw[at] ?? 0) & 0x80) !== 0) at++;
  at += 3;
  const accounts = raw[at] ?? 0;
  return base58(raw.subarray(at + 1 + 32 * accounts, at + 33 + 32 * accounts));
}

function errorOf(result: SvmResult): unknown {
  return result.err === undefined ? null : result.toString();
}

const context = (value: unknown): object => ({ context: { slot }, value });
const bytesOf = (value: unknown): Uint8Array => Buffer.from(String(value), 'base64');

function accountOf(address: unknown, how: unknown): object | null {
  const account = svm.getAccount(addressBytes(String(address)));
  return account === null || account.lamports() === 0n ? null : shown(account, how);
}

function shown(account: SvmAccount, how: unknown): object {
  const { dataSlice } = how as { readonly dataSlice?: { readonly offset: number; readonly length: number } };
  const data = Buffer.from(account.data());
  const slice =
    dataSlice === undefined ? data : data.subarray(dataSlice.offset, dataSlice.offset + dataSlice.length);
  return {
    lamports: Number(account.lamports()),
    data: [slice.toString('base64'), 'base64'],
    owner: base58(account.owner()),
    executable: account.executable(),
    rentEpoch: 0,
    space: data.length,
  };
}

function matches(
  data: Uint8Array,
  filters: readonly { readonly memcmp: { offset: number; bytes: string } }[],
) {
  return filters.every(({ memcmp: { offset, bytes } }) => {
    const wanted = bytesOf58(bytes);
    return Buffer.from(data.subarray(offset, offset + wanted.length)).equals(wanted);
  });
}

const methods: Readonly<Record<string, (...params: readonly unknown[]) => unknown>> = {
  getGenesisHash: () => genesis,
  getHealth: () => 'ok',
  getSlot: () => slot,
  getBlockHeight: () => slot,
  getLatestBlockhash: () =>
    context({ blockhash: blockhashes[0], lastValidBlockHeight: slot + blockhashesKept }),
  isBlockhashValid: (hash) => context(blockhashes.includes(String(hash))),
  getBalance: (address) => context(Number(svm.getAccount(addressBytes(String(address)))?.lamports() ?? 0n)),
  getMinimumBalanceForRentExemption: (space) =>
    Number(svm.minimumBalanceForRentExemption(BigInt(Number(space)))),
  getRecentPrioritizationFees: () => [],
  getAccountInfo: (address, how) => context(accountOf(address, how)),
  getMultipleAccounts: (addresses, how) =>
    context((addresses as readonly string[]).map((address) => accountOf(address, how))),
  getProgramAccounts: (program, how) => {
    const { filters } = how as { readonly filters: Parameters<typeof matches>[1] };
    return svm
      .getProgramAccounts(addressBytes(String(program)))
      .map((each) => ({ address: each.address, account: each.account() }))
      .filter(({ account }) => matches(account.data(), filters))
      .map(({ address, account }) => ({ pubkey: base58(address), account: shown(account, how) }));
  },
  simulateTransaction: (raw) => {
    // Nobody has signed what is only tried.
    svm.setSigverify(false);
    const result = svm.simulateVersionedTransaction(bytesOf(raw));
    svm.setSigverify(true);
    const meta = result.meta();
    return context({
      err: errorOf(result),
      logs: meta.logs(),
      unitsConsumed: Number(meta.computeUnitsConsumed()),
    });
  },
  sendTransaction: (given) => {
    const raw = bytesOf(given);
    const signature = base58(raw.subarray(1, 65));
    waiting.push({ raw, signature });
    return signature;
  },
  getSignatureStatuses: (signatures) =>
    context(
      (signatures as readonly string[]).map((signature) => {
        const found = landed.get(signature);
        if (found === undefined) return null;
        const confirmationStatus = slot - found.slot > 31 ? 'finalized' : 'confirmed';
        return { slot: found.slot, confirmations: slot - found.slot, err: found.error, confirmationStatus };
      }),
    ),
  getTransaction: () => null,
  fund: (address, lamports) => {
    const system = new Uint8Array(32);
    const account = new Account(BigInt(Number(lamports)), new Uint8Array(), system, false, 0n);
    svm.setAccount(addressBytes(String(address)), account);
    return true;
  },
};

function answerTo({ id, method, params = [] }: Question): object {
  const known = methods[method];
  if (known === undefined)
    return { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } };
  try {
    return { jsonrpc: '2.0', id, result: known(...params) };
  } catch (error) {
    return { jsonrpc: '2.0', id, error: { code: -32602, message: String(error) } };
  }
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Question | Question[];
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(Array.isArray(body) ? body.map(answerTo) : answerTo(body)));
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.stdin.on('end', () => process.exit(0)).resume();
