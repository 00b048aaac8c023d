import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Interface } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAccount } from '@cutover/chain/evm/account.ts';
import { writeApproval } from '@cutover/chain/evm/authority/approvals.ts';
import { moveOn } from '@cutover/chain/evm/authority/move-on.ts';
import { safeInterface, safeTransactionHash } from '@cutover/chain/plan/authority/safe-transaction.ts';
import type { SafeAuthority } from '@cutover/chain/plan/authority/authority.ts';
import type { Action } from '@cutover/chain/plan/authority/action.ts';
import type { Progress } from '@cutover/chain/plan/authority/progress.ts';
import type { MoveOnOptions } from '@cutover/chain/evm/authority/move.ts';
import { startLocalNode, type LocalNode } from '../../local-node.ts';
import { refusal } from '../../refusal.ts';
import {
  address,
  fresh,
  hashOf,
  newSetting,
  placeMultiSend,
  raiseTo,
  read,
  safeArtifact,
  safeAuthority,
  safeFactory,
  send,
  setTo,
} from './kit.ts';

let node: LocalNode;
let newSafe: Awaited<ReturnType<typeof safeFactory>>;
const folders: string[] = [];
beforeAll(async () => {
  node = await startLocalNode();
  newSafe = await safeFactory(node);
});
afterAll(async () => {
  await node.stop();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** One run: everything is read anew from disk and chain. */
async function run(
  authority: SafeAuthority,
  action: Action,
  options: MoveOnOptions = {},
  lines: string[] = [],
): Promise<Progress> {
  return moveOn(await fresh(node), authority, action, (line) => lines.push(line), options);
}

/** An owner signs on his own machine and hands the file over. */
async function approve(folder: string, safeTxHash: string, account: number): Promise<void> {
  const owner = await openAccount({ kind: 'local', account }, { chainId: 31337 });
  const signature = await owner.signDigest(safeTxHash);
  await writeApproval(join(folder, 'approvals'), { safeTxHash, owner: owner.address, signature });
}

async function setup(
  owners: readonly number[],
  threshold: number,
  rest: Partial<SafeAuthority> = {},
): Promise<{ authority: SafeAuthority & { folder: string }; safe: string; setting: string; folder: string }> {
  const safe = await newSafe(owners, threshold);
  const authority = await safeAuthority(safe, rest);
  folders.push(authority.folder);
  const setting = await newSetting(node, 'Setting', [safe]);
  return { authority, safe, setting, folder: authority.folder };
}

describe('a Safe of one owner whose key is at hand', () => {
  it('proposes, approves and executes in one run, paid for by somebody else', async () => {
    const { authority, setting } = await setup([1], 1, { signers: [{ kind: 'local', account: 1 }] });
    const done = await run(authority, setTo(setting, 7));
    expect(done).toMatchObject({ kind: 'done', ids: { safeNonce: 0 } });
    expect(await read(node, setting, 'value')).toBe(7);
    const receipt = await node.provider.getTransactionReceipt(done.transactions[0] ?? '');
    expect(receipt).toMatchObject({
      from: address(0),
      blockNumber: (done as { blockNumber: number }).blockNumber,
    });
  });
});

describe('a Safe that takes two of three', () => {
  it('comes to its end over three runs with files of signatures', async () => {
    const { authority, setting, folder } = await setup([1, 2, 3], 2);
    const action = setTo(setting, 8);
    const first = await run(authority, action);
    expect(first).toMatchObject({ kind: 'proposed', stage: 'approvals' });
    expect(first.kind === 'proposed' && first.missing[0]).toEqual({
      what: '2 of 2 approvals',
      who: expect.arrayContaining([address(1), address(2), address(3)]) as string[],
    });

    await approve(folder, hashOf(first), 3);
    const second = await run(authority, action, { previous: first });
    expect(second).toMatchObject({ kind: 'proposed', ids: { safeTxHash: hashOf(first) } });
    expect(second.kind === 'proposed' && second.missing[0]?.what).toBe('1 of 2 approvals');
    expect(second.kind === 'proposed' && second.missing[0]?.who).not.toContain(address(3));
    expect(await read(node, setting, 'value')).toBe(0);

    await approve(folder, hashOf(first), 1);
    const third = await run(authority, action, { previous: second });
    expect(third).toMatchObject({ kind: 'done', ids: { safeTxHash: hashOf(first) } });
    expect(await read(node, setting, 'value')).toBe(8);

    const fourth = await run(authority, action, { previous: third });
    expect(fourth).toEqual(third);
    expect(await read(node, setting, 'times')).toBe(1);
  });
});

describe('owners', () => {
  it('that are replaced between proposal and execution do not count, and this is told', async () => {
    const signer = { kind: 'local', account: 1 } as const;
    const { authority, setting, folder, safe } = await setup([1, 2, 3], 2);
    const action = setTo(setting, 9);
    const first = await run(authority, action);
    await approve(folder, hashOf(first), 1);
    await approve(folder, hashOf(first), 2);
    // Before the next run the Safe replaces owner 2 by owner 4, with a module's rights for brevity.
    await asSafe(safe, 'swapOwner(address,address,address)', [address(1), address(2), address(4)]);
    const lines: string[] = [];
    const second = await run(authority, action, { previous: first }, lines);
    expect(second).toMatchObject({ kind: 'proposed', stage: 'approvals', ids: first.ids });
    expect(second.kind === 'proposed' && second.missing[0]?.who).toEqual(
      expect.arrayContaining([address(3), address(4)]),
    );
    expect(lines.join('\n')).toContain(`${address(2)} is no owner any more`);
    expect(lines.join('\n')).toContain(`${address(4)} is an owner now`);
    expect(lines.join('\n')).toContain(`${address(2)} is no owner of the Safe`);
    expect(await read(node, setting, 'value')).toBe(0);
    const third = await run({ ...authority, signers: [signer, { kind: 'local', account: 4 }] }, action, {
      previous: second,
    });
    expect(third.kind).toBe('done');
    expect(await read(node, setting, 'value')).toBe(9);
  });

  it('may raise the threshold in between; one more approval is then missing', async () => {
    const { authority, setting, folder, safe } = await setup([1, 2], 1);
    const first = await run(authority, setTo(setting, 9));
    await asSafe(safe, 'changeThreshold(uint256)', [2]);
    await approve(folder, hashOf(first), 1);
    const lines: string[] = [];
    const second = await run(authority, setTo(setting, 9), { previous: first }, lines);
    expect(second.kind === 'proposed' && second.missing[0]).toEqual({
      what: '1 of 2 approvals',
      who: [address(2)],
    });
    expect(lines.join('\n')).toContain('it takes 2 approvals now, not 1');
  });

  it('approve on the chain, by wallets that sign messages, and by typed data, all in one', async () => {
    const { authority, setting, folder, safe } = await setup([1, 2, 3], 3);
    const first = await run(authority, setTo(setting, 10));
    const hash = hashOf(first);
    await send(node, 1, safe, 'approveHash(bytes32 hash)', [hash]);
    await approve(folder, hash, 2);
    const wallet = await node.provider.getSigner(3);
    const message = await wallet.signMessage(Buffer.from(hash.slice(2), 'hex'));
    await writeApproval(join(folder, 'approvals'), {
      safeTxHash: hash,
      owner: address(3),
      signature: message,
    });
    const done = await run(authority, setTo(setting, 10), { previous: first });
    expect(done.kind).toBe('done');
    expect(await read(node, setting, 'value')).toBe(10);
  });

  it('are not replaced by strangers, copies or damaged files, and each is told', async () => {
    const { authority, setting, folder } = await setup([1, 2], 2);
    const first = await run(authority, setTo(setting, 11));
    const hash = hashOf(first);
    await approve(folder, hash, 1);
    await approve(folder, hash, 7);
    const place = join(folder, 'approvals', hash);
    const copy = await readFile(join(place, `${address(1)}.json`), 'utf8');
    await writeFile(join(place, 'z-copy.json'), copy);
    await writeFile(join(place, 'z-cut.json'), copy.slice(0, 40));
    const lines: string[] = [];
    const second = await run(authority, setTo(setting, 11), { previous: first }, lines);
    expect(second.kind === 'proposed' && second.missing[0]).toEqual({
      what: '1 of 2 approvals',
      who: [address(2)],
    });
    const told = lines.join('\n');
    expect(told).toContain(`${address(7)} is no owner of the Safe`);
    expect(told).toContain(`z-copy.json: ${address(1)} has approved already`);
    expect(told).toContain('z-cut.json: it is no signature of 65 bytes');
  });
});

describe('the queue of a Safe', () => {
  it('gives each action of one update a nonce of its own and executes them in that order', async () => {
    const { authority, setting, folder } = await setup([1, 2], 1);
    const actions = [12, 13].map((value) => setTo(setting, value, `figure ${value}`));
    const both = await Promise.all(
      actions.map(async (action) => ({ action, reached: await run(authority, action) })),
    );
    // Which of them was first is up to the node.
    both.sort((a, b) => Number(a.reached.ids.safeNonce) - Number(b.reached.ids.safeNonce));
    expect(both.map(({ reached }) => reached.ids.safeNonce)).toEqual([0, 1]);
    const [early, late] = both as [(typeof both)[0], (typeof both)[0]];
    await approve(folder, hashOf(late.reached), 1);
    const waiting = await run(authority, late.action, { previous: late.reached });
    expect(waiting).toMatchObject({
      kind: 'proposed',
      stage: 'queue',
      missing: [{ what: '1 transaction(s) of the Safe that come first' }],
    });
    await approve(folder, hashOf(early.reached), 1);
    expect((await run(authority, early.action, { previous: early.reached })).kind).toBe('done');
    expect((await run(authority, late.action, { previous: waiting })).kind).toBe('done');
    expect(await read(node, setting, 'times')).toBe(2);
  });

  it('moves on when another transaction takes the nonce: proposed again, to be approved again', async () => {
    const { authority, setting, folder, safe } = await setup([1, 2], 2);
    const action = setTo(setting, 14);
    const first = await run(authority, action);
    await approve(folder, hashOf(first), 1);
    await byOthers(safe, [1, 2], setting, '0x3fa4f245');
    const lines: string[] = [];
    const second = await run(authority, action, { previous: first }, lines);
    expect(second).toMatchObject({ kind: 'proposed', stage: 'approvals', ids: { safeNonce: 1 } });
    expect(hashOf(second)).not.toBe(hashOf(first));
    expect(second.kind === 'proposed' && second.missing[0]?.what).toBe('2 of 2 approvals');
    expect(lines.join('\n')).toContain('another transaction of the Safe took nonce 0');
    await approve(folder, hashOf(second), 1);
    await approve(folder, hashOf(second), 2);
    expect((await run(authority, action, { previous: second })).kind).toBe('done');
    expect(await read(node, setting, 'times')).toBe(1);
  });

  it('fills the gap that a withdrawn proposal leaves', async () => {
    const { authority, setting, folder } = await setup([1], 1);
    const early = await run(authority, setTo(setting, 15, 'early'));
    const late = await run(authority, setTo(setting, 16, 'late'));
    expect(late.ids.safeNonce).toBe(1);
    const { withdraw } = await import('@cutover/chain/evm/authority/move-on.ts');
    const lines: string[] = [];
    const left = await withdraw(await fresh(node), authority, early, (line) => lines.push(line));
    expect(left).toMatchObject({ kind: 'superseded' });
    const moved = await run(authority, setTo(setting, 16, 'late'), { previous: late }, lines);
    expect(moved).toMatchObject({ kind: 'proposed', ids: { safeNonce: 0 } });
    expect(lines.join('\n')).toContain('nobody proposes a transaction with nonce 0');
    await approve(folder, hashOf(moved), 1);
    const done = await run(authority, setTo(setting, 16, 'late'), { previous: moved });
    expect(done.kind).toBe('done');
    // The place that it had before is not taken for another proposal of it.
    expect(await run(authority, setTo(setting, 16, 'late'))).toMatchObject({ kind: 'done', ids: done.ids });
  });
});

describe('a proposal', () => {
  it('that somebody else executes is done, with his transaction', async () => {
    const { authority, setting, safe } = await setup([1, 2], 2);
    const action = setTo(setting, 17);
    const first = await run(authority, action);
    const hash = await byOthers(safe, [1, 2], setting, String('data' in action ? action.data : ''));
    const second = await run(authority, action, { previous: first });
    expect(second).toMatchObject({ kind: 'done', transactionHash: hash, ids: { safeTxHash: hashOf(first) } });
  });

  it('whose aim is reached in another way is withdrawn as executed elsewhere', async () => {
    const { authority, setting, folder, safe } = await setup([1, 2], 2);
    const satisfied = async (): Promise<boolean> => (await read(node, setting, 'value')) === 18;
    const first = await run(authority, setTo(setting, 18), { satisfied });
    expect(first.kind).toBe('proposed');
    await asSafe(setting, 'set(uint256)', [18], safe);
    const second = await run(authority, setTo(setting, 18), { previous: first, satisfied });
    expect(second).toMatchObject({ kind: 'executed elsewhere' });
    const file = join(folder, 'proposals', `${hashOf(first)}.json`);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      withdrawn: 'what it should bring about holds already',
    });
  });

  it('for what is no longer wanted is withdrawn, and the new one takes its nonce', async () => {
    const { authority, setting, folder } = await setup([1, 2], 2);
    const first = await run(authority, setTo(setting, 19));
    await approve(folder, hashOf(first), 1);
    const seen = await run(authority, setTo(setting, 19), { previous: first });
    const lines: string[] = [];
    const second = await run(authority, setTo(setting, 20), { previous: seen }, lines);
    expect(second).toMatchObject({ kind: 'proposed', ids: { safeNonce: 0 } });
    expect(hashOf(second)).not.toBe(hashOf(first));
    expect(lines.join('\n')).toContain('1 signature(s) of it stay valid until a transaction with nonce 0');
  });

  it('is found again by a run that knows nothing of the one before, before and after its execution', async () => {
    const { authority, setting, folder } = await setup([1, 2], 1);
    const first = await run(authority, setTo(setting, 21));
    const again = await run(authority, setTo(setting, 21));
    expect(again.ids).toEqual(first.ids);
    expect(await readdir(join(folder, 'proposals'))).toEqual([`${hashOf(first)}.json`]);
    await approve(folder, hashOf(first), 1);
    const done = await run(authority, setTo(setting, 21));
    expect(done.kind).toBe('done');
    // Killed before this was recorded: the next run finds it executed.
    expect(await run(authority, setTo(setting, 21))).toEqual(done);
    expect(await read(node, setting, 'times')).toBe(1);
  });

  it('is found by what the state recorded where its file is on another machine', async () => {
    const { authority, setting, folder } = await setup([1], 1);
    const first = await run(authority, setTo(setting, 22));
    await rm(join(folder, 'proposals'), { recursive: true });
    await approve(folder, hashOf(first), 1);
    const done = await run(authority, setTo(setting, 22), { previous: first });
    expect(done).toMatchObject({ kind: 'done', ids: { safeTxHash: hashOf(first) } });
  });

  it('on a local chain that is gone takes no place in the queue of its successor', async () => {
    const { authority, setting, folder } = await setup([1, 2], 2);
    const first = await run(authority, setTo(setting, 24, 'before'));
    const file = join(folder, 'proposals', `${hashOf(first)}.json`);
    const proposal = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...proposal, genesis: `0x${'11'.repeat(32)}` }));
    expect((await run(authority, setTo(setting, 25, 'after'))).ids.safeNonce).toBe(0);
  });

  it('that is damaged is passed over and told', async () => {
    const { authority, setting, folder } = await setup([1, 2], 2);
    await mkdir(join(folder, 'proposals'));
    await writeFile(join(folder, 'proposals', 'cut.json'), '{ "safe": ');
    const lines: string[] = [];
    expect((await run(authority, setTo(setting, 26), {}, lines)).kind).toBe('proposed');
    expect(lines.join('\n')).toContain('cut.json is passed over: it is no JSON');
  });

  it('with a call that fails is warned of when proposed, and never sent', async () => {
    const { authority, setting } = await setup([1], 1, { signers: [{ kind: 'local', account: 1 }] });
    const lines: string[] = [];
    const error = await refusal(run(authority, setTo(setting, 101), {}, lines));
    expect(error).toMatchObject({ code: 'CUT-2252', exit: 3 });
    expect(error.message).toContain('reverted with TooHigh(101, 100)');
    expect(lines.join('\n')).toContain('as things are now it would fail');
    expect(await nonceOf(authority.address)).toBe(0);
  });

  it('made with other tools, so that its failure is mined, is an error with the reason and not a success', async () => {
    const { authority, setting, folder } = await setup([1], 1, { signers: [{ kind: 'local', account: 1 }] });
    const action = setTo(setting, 102);
    const other = await run({ ...authority, signers: [] }, action);
    const place = join(folder, 'proposals');
    const text = await readFile(join(place, `${hashOf(other)}.json`), 'utf8');
    const proposal = JSON.parse(text) as { transaction: Parameters<typeof safeTransactionHash>[2] };
    const transaction = { ...proposal.transaction, safeTxGas: '200000' };
    const safeTxHash = safeTransactionHash(authority.address, 31337, transaction);
    await rm(place, { recursive: true });
    await mkdir(place);
    await writeFile(
      join(place, `${safeTxHash}.json`),
      JSON.stringify({ ...proposal, transaction, safeTxHash }),
    );
    const error = await refusal(run(authority, action));
    expect(error.code).toBe('CUT-2263');
    expect(error.message).toContain('TooHigh(102, 100)');
    expect(await nonceOf(authority.address)).toBe(1);
    expect((await refusal(run(authority, action))).code).toBe('CUT-2263');
    const anew = await run({ ...authority, signers: [] }, action, { again: true });
    expect(anew).toMatchObject({ kind: 'proposed', ids: { safeNonce: 1 } });
  });

  it('that was executed without bringing about what it should is an error, and is not proposed for ever', async () => {
    const { authority, setting, folder } = await setup([1], 1);
    const options = { satisfied: () => Promise.resolve(false) };
    const first = await run(authority, setTo(setting, 23), options);
    await approve(folder, hashOf(first), 1);
    const error = await refusal(run(authority, setTo(setting, 23), { ...options, previous: first }));
    expect(error.code).toBe('CUT-2264');
  });
});

describe('several calls at once', () => {
  it('go through MultiSendCallOnly, all or none', async () => {
    const { authority, setting } = await setup([1], 1, { signers: [{ kind: 'local', account: 1 }] });
    expect((await refusal(run(authority, raiseTo(setting, 150)))).code).toBe('CUT-2262');
    await placeMultiSend(node);
    const done = await run(authority, raiseTo(setting, 150));
    expect(done).toMatchObject({ kind: 'done', transactions: [expect.any(String)] });
    expect(await read(node, setting, 'value')).toBe(150);
  });
});

describe('what is no Safe', () => {
  it('is refused before anything is written', async () => {
    const { authority, setting, folder } = await setup([1], 1);
    const none = await refusal(run({ ...authority, address: address(5) }, setTo(setting, 1)));
    expect(none).toMatchObject({ code: 'CUT-2260', exit: 2 });
    expect(none.message).toContain('no code is there');
    const other = await refusal(run({ ...authority, address: setting }, setTo(setting, 1)));
    expect(other.message).toContain('answers otherwise');
    await expect(readdir(join(folder, 'proposals'))).rejects.toThrow('ENOENT');
  });
});

describe('the functions that are used here', () => {
  it('are those of the contract as Safe builds it', () => {
    const { abi } = safeArtifact('Safe.sol/Safe.json');
    const built = new Interface(abi);
    const signatures = (contract: Interface): string[] =>
      contract.fragments
        .filter(({ type }) => type === 'function' || type === 'event')
        .map((fragment) => `${fragment.type} ${fragment.format('sighash')}`);
    expect(signatures(built)).toEqual(expect.arrayContaining(signatures(safeInterface)));
  });
});

/** What the Safe does by itself, without its queue: the node signs for anybody. */
async function asSafe(to: string, signature: string, args: readonly unknown[], from = to): Promise<void> {
  const data = new Interface([`function ${signature}`]).encodeFunctionData(signature, args);
  await node.provider.send('anvil_impersonateAccount', [from]);
  await node.provider.send('anvil_setBalance', [from, '0xde0b6b3a7640000']);
  const hash = (await node.provider.send('eth_sendTransaction', [{ from, to, data }])) as string;
  expect(await node.provider.waitForTransaction(hash)).toMatchObject({ status: 1 });
}

/** Owners who meet elsewhere and execute a call with the Safe's next nonce. */
async function byOthers(safe: string, owners: readonly number[], to: string, data: string): Promise<string> {
  const zero = `0x${'00'.repeat(20)}`;
  const nonce = await nonceOf(safe);
  const call = { to, value: '0', data, operation: 0 as const };
  const transaction = {
    ...call,
    ...{ safeTxGas: '0', baseGas: '0', gasPrice: '0', gasToken: zero, refundReceiver: zero, nonce },
  };
  const digest = safeTransactionHash(safe, 31337, transaction);
  const signers = await Promise.all(
    owners.map((account) => openAccount({ kind: 'local', account }, { chainId: 31337 })),
  );
  signers.sort((a, b) => (a.address.toLowerCase() < b.address.toLowerCase() ? -1 : 1));
  const signatures = await Promise.all(signers.map((signer) => signer.signDigest(digest)));
  const packed = `0x${signatures.map((each) => each.slice(2)).join('')}`;
  const payer = await node.provider.getSigner(6);
  const sent = await payer.sendTransaction({
    to: safe,
    data: safeInterface.encodeFunctionData('execTransaction', [
      ...[to, '0', data, 0, 0, 0, 0, zero, zero, packed],
    ]),
  });
  expect(await sent.wait()).toMatchObject({ status: 1 });
  return sent.hash;
}

async function nonceOf(safe: string): Promise<number> {
  const data = safeInterface.encodeFunctionData('nonce');
  return Number(await node.provider.call({ to: safe, data }));
}
