import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { programDataAddress } from '@cutover/chain/plan/solana/address.ts';
import type { SquadsAuthority } from '@cutover/chain/plan/solana/authority.ts';
import { setAuthority } from '@cutover/chain/plan/solana/loader-instructions.ts';
import { programHash } from '@cutover/chain/plan/solana/program-hash.ts';
import type { SquadsMultisig, SquadsProposal } from '@cutover/chain/plan/solana/squads/accounts.ts';
import {
  multisigAddress,
  proposalAddress,
  squadsProgram,
  transactionAddress,
  vaultAddress,
} from '@cutover/chain/plan/solana/squads/addresses.ts';
import { upgradeMessage } from '@cutover/chain/plan/solana/squads/upgrade-message.ts';
import {
  moveUpgrade,
  previewUpgrade,
  type UpgradeOrder,
} from '@cutover/chain/solana/authority/move-upgrade.ts';
import { openSolana } from '@cutover/chain/solana/connection.ts';
import { refusal } from '../../refusal.ts';
import { multisigData, proposalData, transactionData } from '../../plan/solana/squads/kit.ts';
import { startProgramBench, type ProgramBench } from '../../programs/program-kit.ts';
import { answering } from '../../programs/timelock-kit.ts';
import { day, memberAddresses, proposer } from './upgrade-kit.ts';

// The program of Squads is in no registry, so it does not run here: its accounts are put on a real node as the SDK
// writes them, and what would be sent is compared with the SDK's own instructions elsewhere.
let bench: ProgramBench;
let program: string;
let order: UpgradeOrder;
const createKey = memberAddresses[2] ?? '';
const multisig = multisigAddress(createKey);
const vault = vaultAddress(multisig);
const authority: SquadsAuthority = { kind: 'squads', multisig, proposer, delaySeconds: 2 * day };
const [ann = '', bob = '', cid = ''] = memberAddresses;
const bytes = answering(2);

const made: SquadsMultisig = {
  ...{ createKey, configAuthority: '11111111111111111111111111111111', threshold: 2, timeLock: 2 * day },
  ...{ transactionIndex: 0n, staleTransactionIndex: 0n },
  members: memberAddresses.map((address) => ({ address, may: ['initiate', 'vote', 'execute'] as const })),
};

beforeAll(async () => {
  bench = await startProgramBench();
  await bench.node.fund(ann, 100_000_000_000n);
  program = await bench.deploy(answering(1));
  order = { title: 'the program', program, bytes, version: 'v2', authority, writer: proposer };
  const account = programDataAddress(program);
  await bench.send([setAuthority({ account, authority: bench.payer.address, newAuthority: vault })]);
  await put(multisig, multisigData(made));
});
afterAll(() => bench.node.stop());

describe('an upgrade by a multisig of Squads', () => {
  it('has its buffer written and handed to the vault, and is then to be proposed', async () => {
    const pool = openSolana(bench.node.network);
    expect(await previewUpgrade(pool, order)).toMatchObject({ step: { kind: 'prepare buffer' } });
    const options = { log: () => undefined, announce: () => undefined };
    // Without its program the proposal is refused when it is tried, before anything is sent.
    const refused = await refusal(moveUpgrade(pool, order, options));
    expect(refused.code).toBe('CUT-2444');
    expect(refused.message).toContain('nothing was sent');
    const plan = await previewUpgrade(pool, order);
    expect(plan).toMatchObject({ kind: 'step', step: { kind: 'propose', buffer: plan.record?.buffer } });
  });

  it('waits for members, then for the time lock, then is to be executed', async () => {
    const pool = openSolana(bench.node.network);
    const before = await previewUpgrade(pool, order);
    const buffer = before.record?.buffer ?? '';
    const message = upgradeMessage(vault, { program, buffer, spill: ann, hash: programHash(bytes) });
    await put(multisig, multisigData({ ...made, transactionIndex: 1n }));
    await put(
      transactionAddress(multisig, 1n),
      transactionData({ multisig, creator: ann, index: 1n, vaultIndex: 0, message }),
    );
    const since = await bench.now();
    const proposal: SquadsProposal = {
      ...{ multisig, index: 1n, status: 'active', since, approved: [bob], rejected: [], cancelled: [] },
    };
    await put(proposalAddress(multisig, 1n), proposalData(proposal));

    const told: string[] = [];
    const options = {
      log: () => undefined,
      announce: ({ text }: { readonly text: string }) => void told.push(text),
    };
    expect(await moveUpgrade(pool, order, options)).toMatchObject({
      ...{ kind: 'proposed', stage: 'approved' },
      missing: [{ what: '1 of 2 approvals', who: [ann, cid].toSorted(bySeat) }, { seconds: 2 * day }],
    });

    await put(
      proposalAddress(multisig, 1n),
      proposalData({ ...proposal, status: 'approved', approved: [bob, cid] }),
    );
    await bench.node.timeTravel(2 * day - 100);
    const waiting = await moveUpgrade(pool, order, options);
    const seconds = since + 2 * day - (await bench.now());
    expect(waiting).toMatchObject({ kind: 'proposed', stage: 'delay over', missing: [{ seconds }] });
    await bench.node.timeTravel(101);
    expect(await previewUpgrade(pool, order)).toMatchObject({
      step: { kind: 'execute', buffer, proposal: { address: proposalAddress(multisig, 1n) } },
    });
    expect(told).toHaveLength(2);
  });

  it('is proposed again when members changed, although Squads would still execute what they approved', async () => {
    const pool = openSolana(bench.node.network);
    await put(multisig, multisigData({ ...made, transactionIndex: 1n, staleTransactionIndex: 1n }));
    expect(await previewUpgrade(pool, order)).toMatchObject({
      step: { kind: 'propose', because: expect.stringContaining('became stale') as string },
    });
  });

  it('is refused behind a shorter time lock, and where there is no multisig', async () => {
    const pool = openSolana(bench.node.network);
    await put(multisig, multisigData({ ...made, transactionIndex: 1n, timeLock: 60 }));
    expect(await previewUpgrade(pool, order)).toMatchObject({ kind: 'refuse', refusal: { delay: 60 } });
    const asVault = { ...order, authority: { ...authority, multisig: vault } };
    const refused = await refusal(previewUpgrade(pool, asVault));
    expect(refused).toMatchObject({ code: 'CUT-2490', exit: 2 });
    expect(refused.message).toContain('there is no account');
  });
});

function bySeat(a: string, b: string): number {
  return memberAddresses.indexOf(a) - memberAddresses.indexOf(b);
}

function put(address: string, data: Uint8Array): Promise<void> {
  return bench.node.setAccount(address, { lamports: 10_000_000_000n, data, owner: squadsProgram });
}
