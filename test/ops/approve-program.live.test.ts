import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { approve } from '../../ops/approve.ts';
import { timelocksIn, type TimelockOfStack } from '../../ops/approve-program.ts';
import type { Terminal } from '../../ops/terminal.ts';
import { systemProgram } from '@cutover/chain/plan/solana/address.ts';
import { refusal } from '../chain/refusal.ts';
import { answering } from '../chain/programs/timelock-kit.ts';
import {
  day,
  lockedProgram,
  memberAddresses,
  members,
  startUpgradeNode,
  type UpgradeBench,
} from '../chain/solana/authority/upgrade-kit.ts';
import { poolTo } from '../chain/solana/kit.ts';

let node: Awaited<ReturnType<typeof startUpgradeNode>>;
beforeAll(async () => {
  node = await startUpgradeNode();
});
afterAll(() => node.bench.node.stop());

const [ann = '', bob = '', cid = ''] = memberAddresses;
const config: Parameters<typeof approve>[1] = {
  networks: {},
  signers: {
    ann: { kind: 'local', account: 0 },
    bob: { kind: 'local', account: 1 },
    cid: { kind: 'local', account: 2 },
    stranger: { kind: 'local', account: 7 },
    kept: { kind: 'kms', name: 'alias/kept', region: 'us-east-1' },
  },
};

let said = '';

async function run(
  options: Partial<Parameters<typeof approve>[2]>,
  ...locks: readonly TimelockOfStack[]
): Promise<number> {
  const lines: string[] = [];
  const terminal: Terminal = {
    ...{ interactive: false, columns: 100, style: (_, text) => text, progress: () => undefined },
    line: (text = '') => lines.push(text),
  };
  const written = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((text) => lines.push(String(text)) > 0);
  try {
    // A folder without proposals of Safes.
    return await approve(
      'dev',
      config,
      { folder: '/nonexistent', yes: true, json: false, ...options },
      terminal,
      locks,
    );
  } finally {
    written.mockRestore();
    said = lines.join('\n');
  }
}

/** An upgrade to 2 that waits for two of three, in a stack that wants another one there where told. */
async function waiting(wants = 2): Promise<{ bench: UpgradeBench; lock: TimelockOfStack; proposal: string }> {
  const bench = await lockedProgram(node.bench, node.lockProgram);
  const progress = await bench.up(2);
  const lock = lockOf(bench, wants);
  return { bench, lock, proposal: progress.record?.proposal ?? '' };
}

function lockOf({ bench, program, authority }: UpgradeBench, wants: number): TimelockOfStack {
  const fileHash = createHash('sha256').update(answering(wants)).digest('hex');
  const outputs = {
    title: 'perps',
    program,
    fileHash,
    version: `v${wants}`,
    network: bench.node.network,
    authority,
  };
  const urn = 'urn:pulumi:dev::cutover::cutover:index:ProgramUpgrade::perps-upgrade';
  const [lock] = timelocksIn([{ urn, type: 'pulumi-nodejs:dynamic:ProgramUpgrade', outputs }]);
  if (lock === undefined) throw new Error('the state has no time lock');
  return lock;
}

describe('./cutover approve of an upgrade behind a time lock', () => {
  it('shows what waits in words, and takes approvals until the delay runs', async () => {
    const { bench, lock, proposal } = await waiting();
    expect(await run({}, lock)).toBe(0);
    expect(said).toContain(proposal);
    expect(said).toContain(`upgrade perps (${bench.program}) to v2 with the hash `);
    expect(said).toContain('0 of 2: nobody yet');
    expect(said).toContain(`may approve      ${ann}, ${bob}, ${cid}`);
    expect(said).not.toContain('WARNING');

    expect(await run({ signer: 'bob' }, lock)).toBe(0);
    expect(said).toContain(`Approved as ${bob}: `);
    expect(said).toContain('1 more of its members must approve.');
    expect(await run({ signer: 'bob' }, lock)).toBe(0);
    expect(said).toContain(`Approved already as ${bob}.`);
    expect(await bench.up(2)).toMatchObject({ stage: 'approved' });

    expect(await run({ signer: 'cid', proposal }, lock)).toBe(0);
    expect(said).toContain('Enough members have approved');
    expect(await bench.up(2)).toMatchObject({ stage: 'delay over' });
    await run({}, lock);
    expect(said).toBe('Nothing of dev waits for approval.');
    await node.bench.node.timeTravel(2 * day);
    expect(await bench.up(2)).toMatchObject({ kind: 'done' });
  });

  it('prints the same as JSON', async () => {
    const { lock, proposal } = await waiting();
    await run({ json: true }, lock);
    expect(JSON.parse(said)).toMatchObject({
      ...{ stack: 'dev', proposals: [], unseen: [] },
      onSolana: [
        {
          proposal,
          timelock: lock.account,
          number: 0,
          threshold: 2,
          approved: [],
          waitsFor: [ann, bob, cid],
        },
      ],
    });
    await run({ json: true, signer: 'cid' }, lock);
    expect(JSON.parse(said)).toMatchObject({ stack: 'dev', proposal, member: cid, missing: 1 });
  });

  it('says where the stack wants another build than is proposed', async () => {
    const { lock } = await waiting(3);
    await run({}, lock);
    expect(said).toContain('to a build with the hash');
    expect(said).toContain('WARNING: this stack does not want that build');
  });

  it('warns of a buffer that was changed, and refuses to approve it', async () => {
    const { bench, lock, proposal } = await waiting();
    const { action } = await bench.lock.proposal();
    if (action.kind !== 'upgrade') throw new Error('it upgrades');
    const account = await node.bench.account(action.buffer);
    const data = Buffer.from(account?.data ?? []);
    data.set(answering(3), 37);
    await node.bench.node.setAccount(action.buffer, { data });
    await run({}, lock);
    expect(said).toContain('WARNING: the buffer is not what was proposed: its hash is');
    const error = await refusal(run({ signer: 'bob' }, lock));
    expect(error).toMatchObject({ code: 'CUT-2476', exit: 3 });
    expect(error.message).toContain(proposal);
    const nothing = { lamports: 0n, data: new Uint8Array(), owner: systemProgram };
    await node.bench.node.setAccount(action.buffer, nothing);
    expect((await refusal(run({ signer: 'bob' }, lock))).message).toContain('it is gone');
    expect((await bench.lock.proposal()).approvals).toBe(0);
  });

  it('shows in words what else a time lock may be asked for', async () => {
    const { bench, lock } = await waiting();
    await bench.lock.propose(
      { kind: 'changeRules', rules: { ...bench.lock.rules, delaySeconds: 60 } },
      members[0],
    );
    await run({}, lock);
    expect(said).toContain(`change the rules: 2 of ${ann}, ${bob}, ${cid}`);
    expect(said).toContain('a delay of 60 s');
    // Of two that wait it must be said which one is meant.
    const several = await refusal(run({ signer: 'bob' }, lock));
    expect(several).toMatchObject({ code: 'CUT-2493', exit: 2 });
    const none = await refusal(run({ signer: 'bob', proposal: ann }, lock));
    expect(none).toMatchObject({ code: 'CUT-2492', exit: 2 });
    // A mistyped one is not shown as one that waits no longer.
    expect(await refusal(run({ proposal: ann }, lock))).toMatchObject({ code: 'CUT-2492', exit: 2 });
  });

  it('refuses who is no member, or whom this machine cannot be', async () => {
    const { lock } = await waiting();
    const stranger = await refusal(run({ signer: 'stranger' }, lock));
    expect(stranger).toMatchObject({ code: 'CUT-2491', exit: 3 });
    expect(stranger.message).toContain(`Its members are: ${ann}, ${bob}, ${cid}`);
    for (const signer of ['kept', 'nobody', 'constructor']) {
      expect(await refusal(run({ signer }, lock))).toMatchObject({ code: 'CUT-2286', exit: 2 });
    }
  });

  it('asks before it sends, and refuses where nobody can be asked', async () => {
    const { bench, lock } = await waiting();
    const error = await refusal(run({ signer: 'bob', yes: false }, lock));
    expect(error).toMatchObject({ code: 'CUT-2285', exit: 2 });
    expect((await bench.lock.proposal()).approvals).toBe(0);
  });

  it('needs no SOL of a member on a local node', async () => {
    const { lock } = await waiting();
    await node.bench.node.setAccount(bob, { lamports: 0n });
    expect(await run({ signer: 'bob' }, lock)).toBe(0);
    expect(await poolTo(node.bench.node.url).getBalance(bob)).toBeGreaterThan(0n);
  });

  it('tells what could not be asked, and shows the rest', async () => {
    const { lock, proposal } = await waiting();
    const endpoints = [{ url: 'http://127.0.0.1:1' }];
    const away = { ...lock, network: { ...lock.network, name: 'away', endpoints } };
    const gone = { ...lock, account: ann };
    expect(await run({}, lock, away, gone)).toBe(0);
    expect(said).toContain(proposal);
    expect(said).toContain(`The time lock ${lock.account} on away: no endpoint answers.`);
    expect(said).toContain(`The time lock ${ann} on test: it is not on the chain.`);
  });
});
