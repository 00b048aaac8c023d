import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { perpsInterface } from '@cutover/chain/programs/perps/interface.ts';
import { keptFields } from '@cutover/chain/plan/solana/account-form.ts';
import { programDataAddress } from '@cutover/chain/plan/solana/address.ts';
import type { ProgramAuthorityRef } from '@cutover/chain/plan/solana/authority.ts';
import { keptInstruction } from '@cutover/chain/plan/solana/kept-instruction.ts';
import type { PreparedProgram } from '@cutover/chain/plan/solana/prepared-program.ts';
import { accountAddress } from '@cutover/chain/plan/solana/perps/accounts.ts';
import { instructionOf } from '@cutover/chain/plan/solana/perps/instructions.ts';
import { addressOfKeypair, localKeypair } from '@cutover/chain/plan/solana/signer.ts';
import { timelockAddress, timelockVault } from '@cutover/chain/plan/solana/timelock/addresses.ts';
import { approve, createTimelock } from '@cutover/chain/plan/solana/timelock/instructions.ts';
import {
  handler as accountState,
  type AccountStateInputs,
} from '@cutover/chain/solana/account-state-handler.ts';
import { signerOfKeypair } from '@cutover/chain/solana/keypairs.ts';
import {
  handler as programAuthority,
  type ProgramAuthorityInputs,
} from '@cutover/chain/solana/program-authority-handler.ts';
import { handler as program } from '@cutover/chain/solana/program-handler.ts';
import {
  handler as programUpgrade,
  type ProgramUpgradeInputs,
} from '@cutover/chain/solana/program-upgrade-handler.ts';
import { sendTransaction } from '@cutover/chain/solana/send.ts';
import { created } from '../handler-kit.ts';
import { refusal } from '../refusal.ts';
import { startLocalSolana } from './local-solana.ts';
import {
  deployer,
  deployerAddress,
  otherAddress,
  sol,
  startResourceBench,
  terminalOf,
  type ResourceBench,
} from './resource-kit.ts';

// One story: a time lock, a program that is set up and handed to it, and upgrades that it decides about.
let bench: ResourceBench;
let lockProgram: string;
let timelock: string;
let governed: ProgramAuthorityRef;
const day = 86_400;
const members = [1, 2, 3].map((account) => addressOfKeypair(localKeypair(account)));

beforeAll(async () => {
  bench = await startResourceBench();
  for (const address of members) await bench.node.fund(address, sol);
  const prepared = await bench.prepare('timelock/timelock.so', 40);
  await created(program, bench.inputs(prepared));
  lockProgram = prepared.program;
  timelock = timelockAddress(lockProgram, addressOfKeypair(localKeypair(41)));
  governed = {
    ...{ kind: 'timelock', program: lockProgram, account: timelock },
    ...{ proposer: { kind: 'local', account: 1 }, delaySeconds: 2 * day },
  };
});
afterAll(() => bench.stop());

/** The account with the rules of the time lock. */
function rules(more: Partial<AccountStateInputs> = {}): AccountStateInputs {
  const createKey = addressOfKeypair(localKeypair(41));
  const wanted = { members, threshold: 2, delaySeconds: 2 * day, graceSeconds: 7 * day };
  return {
    ...{ title: 'the time lock', address: timelock, owner: lockProgram, form: { kind: 'time lock' } },
    fields: keptFields({ createKey }),
    initially: keptFields(wanted),
    initialize: [
      keptInstruction(
        createTimelock({ program: lockProgram, payer: deployerAddress, createKey, rules: wanted }),
      ),
    ],
    ...{ network: bench.node.network, payer: deployer, signers: [{ kind: 'local', account: 41 }] },
    ...more,
  };
}

/** The exchange of a perps program: only who has the program may make it. */
function exchange(prepared: PreparedProgram, more: Partial<AccountStateInputs> = {}): AccountStateInputs {
  const address = accountAddress(perpsInterface, prepared.program, 'exchange');
  const limits = { maxUsers: 10n, maxTvl: 10_000n, maxDeposit: 1_000n, maxPosition: 500n, maxLeverage: 20n };
  const accounts = {
    ...{ payer: deployerAddress, admin: deployerAddress, exchange: address },
    programData: programDataAddress(prepared.program),
  };
  return {
    ...{ title: 'the exchange', address, owner: prepared.program },
    form: { kind: 'interface', file: 'chain/programs/perps/interface.json', account: 'exchange' },
    fields: keptFields({ admin: deployerAddress }),
    initially: keptFields(limits),
    initialize: [
      keptInstruction(
        instructionOf(perpsInterface, 'initialise', {
          ...{ program: prepared.program, accounts },
          arguments: { relayer: otherAddress, guardian: otherAddress, ...limits },
        }),
      ),
    ],
    ...{ network: bench.node.network, payer: deployer, signers: [] },
    ...more,
  };
}

function authority(
  prepared: PreparedProgram,
  more: Partial<ProgramAuthorityInputs> = {},
): ProgramAuthorityInputs {
  return {
    title: 'perps',
    program: prepared.program,
    network: bench.node.network,
    signer: deployer,
    to: governed,
    ...more,
  };
}

function upgradeTo(
  prepared: PreparedProgram,
  more: Partial<ProgramUpgradeInputs> = {},
): ProgramUpgradeInputs {
  const { title, artifact, program: address, hash, fileHash } = prepared;
  return {
    ...{ title, artifact, program: address, hash, fileHash, network: bench.node.network },
    ...{ signer: deployer, authority: governed, ...more },
  };
}

/** A perps program with an authority that is handed over when it is set up. */
async function perps(keyAccount: number): Promise<PreparedProgram> {
  const prepared = await bench.prepare('perps/perps-1.so', keyAccount);
  await created(program, bench.inputs(prepared, { authority: governed, handOver: 'later' }));
  return prepared;
}

async function approveAs(account: number, index: bigint): Promise<void> {
  const member = signerOfKeypair(localKeypair(account));
  await sendTransaction(bench.pool, {
    purpose: 'approve',
    payer: member,
    instructions: [approve({ program: lockProgram, timelock, index, member: member.address })],
  });
}

describe('an account that is initialised once', () => {
  it('is initialised, and never again', async () => {
    const state = await created(accountState, rules());
    expect(state.state.holds).toMatchObject({ threshold: '2', delaySeconds: String(2 * day), members });
    expect(state.state.transaction).toBeDefined();
    expect(await state.diff(rules())).toBe(false);
    const before = await bench.balance();
    const found = await created(accountState, rules());
    expect(found.state.transaction).toBeUndefined();
    expect(await bench.balance()).toBe(before);
    expect((await state.read())?.drift).toEqual([]);
    expect(await terminalOf(() => state.delete())).toContain('forgotten: the time lock stays');
  });

  it('is an error when it was initialised and does not hold what it should', async () => {
    const createKey = addressOfKeypair(localKeypair(42));
    const wanted = { members, threshold: 1, delaySeconds: 0, graceSeconds: day };
    const address = timelockAddress(lockProgram, createKey);
    const inputs = rules({
      ...{ address, fields: keptFields({ createKey }), initially: keptFields({ threshold: 2 }) },
      initialize: [
        keptInstruction(
          createTimelock({ program: lockProgram, payer: deployerAddress, createKey, rules: wanted }),
        ),
      ],
      signers: [{ kind: 'local', account: 42 }],
    });
    const { code, message } = await refusal(created(accountState, inputs));
    expect(code).toBe('CUT-2544');
    expect(message).toContain('  - threshold is "1"; wanted is "2"');
    const changed = await created(accountState, { ...inputs, initially: keptFields({}) });
    const drifted = await accountState.read?.('id', {
      ...changed.state,
      fields: keptFields({ createKey, threshold: 3 }),
    });
    expect(drifted?.props?.drift).toEqual(['threshold is "1"; wanted is "3"']);
  });

  it('is refused with the name of the field where it holds something else', async () => {
    const { code, message } = await refusal(
      created(accountState, rules({ fields: keptFields({ createKey: otherAddress }) })),
    );
    expect(code).toBe('CUT-2432');
    expect(message).toContain('createKey');
  });

  it('is read as an interface file says, and refused in the words of its program', async () => {
    const prepared = await perps(50);
    const stranger = { kind: 'local', account: 1 } as const;
    const wrong = exchange(prepared);
    const [instruction] = wrong.initialize;
    const stolen = {
      ...instruction,
      accounts: instruction?.accounts.map((use) =>
        use.address === deployerAddress ? { ...use, address: members[0] ?? '' } : use,
      ),
    } as (typeof wrong.initialize)[number];
    const refused = await refusal(created(accountState, { ...wrong, payer: stranger, initialize: [stolen] }));
    expect(refused.code).toBe('CUT-2444');
    expect(refused.message).toContain('only the program’s upgrade authority'.replace('’', "'"));

    const state = await created(accountState, exchange(prepared));
    expect(state.state.holds).toMatchObject({
      admin: deployerAddress,
      maxUsers: '10',
      relayer: otherAddress,
    });
    // What may change since is not held against it.
    const later = exchange(prepared, { initially: keptFields({ maxUsers: 25n }) });
    expect(await state.diff(later)).toBe(true);
    expect((await state.update(later)).drift).toEqual([]);
  });
});

describe('the authority over a program', () => {
  it('is handed to a time lock once, and drift is told when it is elsewhere', async () => {
    const prepared = await perps(51);
    const words = await terminalOf(async () => {
      const handed = await created(programAuthority, authority(prepared));
      const vault = timelockVault(lockProgram, timelock);
      expect(handed.state).toMatchObject({ heldBy: vault, drift: [] });
      expect(handed.state.transaction).toBeDefined();
      expect(await handed.diff(authority(prepared))).toBe(false);
      expect((await handed.read())?.drift).toEqual([]);
    });
    expect(words).toContain(
      `from ${deployerAddress} to ${timelockVault(lockProgram, timelock)}, the time lock`,
    );
  });

  it('is not handed to a time lock that is not there, delays too little, or of which the proposer is no member', async () => {
    const prepared = await perps(52);
    const attempt = (to: ProgramAuthorityRef): Promise<{ readonly code: string; readonly message: string }> =>
      refusal(programAuthority.create(authority(prepared, { to })));
    const lock = governed as Extract<ProgramAuthorityRef, { kind: 'timelock' }>;
    expect((await attempt({ ...lock, account: otherAddress })).code).toBe('CUT-2490');
    const unfit = await attempt({ ...lock, delaySeconds: 3 * day, proposer: { kind: 'local', account: 7 } });
    expect(unfit.code).toBe('CUT-2542');
    expect(unfit.message).toContain('259200 s are required');
    expect(unfit.message).toContain(`${otherAddress}, who is to propose, may not`);
  });

  it('is handed to a key only with its signature, and taken from it no more', async () => {
    const prepared = await perps(53);
    const to = { kind: 'key', signer: { kind: 'local', account: 7 } } as const;
    await bench.node.fund(otherAddress, sol);
    const handed = await created(programAuthority, authority(prepared, { to }));
    expect(handed.state.heldBy).toBe(otherAddress);
    const back = authority(prepared, { to: { kind: 'key', signer: deployer } });
    const { code, message } = await refusal(handed.diff(back));
    expect(code).toBe('CUT-2540');
    expect(message).toContain(otherAddress);
  });

  it('can be given up for ever, and never given back', async () => {
    const prepared = await perps(54);
    const given = await created(programAuthority, authority(prepared, { to: { kind: 'none' } }));
    expect(given.state.heldBy).toBeUndefined();
    expect((await refusal(given.diff(authority(prepared)))).code).toBe('CUT-2541');
  });

  it('waits in a preview for a program that comes with the same update, and is refused where none comes', async () => {
    const later = authority({ program: otherAddress } as PreparedProgram);
    await programAuthority.check?.({}, later);
    expect((await refusal(programAuthority.create(later))).code).toBe('CUT-2543');
  });
});

describe('an upgrade behind a time lock as a resource', () => {
  it('takes an update to propose, one that waits, and one that executes after 48 hours', async () => {
    const first = await perps(60);
    await created(programAuthority, authority(first));
    const upgrade = await created(programUpgrade, upgradeTo(first));
    expect(upgrade.state).toMatchObject({ progress: { kind: 'nothing' }, runs: first.hash });
    expect(await upgrade.diff(upgradeTo(first))).toBe(false);

    const second = await bench.rebuild(first, 'perps/perps-2.so');
    const wanted = upgradeTo(second, { version: 'v2' });
    const words = await terminalOf(() => upgrade.diff(wanted));
    expect(words).toContain('upgrade to v2');
    const proposed = await upgrade.update(wanted);
    expect(proposed).toMatchObject({ runs: first.hash, progress: { kind: 'proposed', stage: 'approved' } });
    expect(proposed.stages.find(({ standing }) => standing === 'next')).toMatchObject({
      stage: 'approved',
      missing: expect.stringContaining('2 of 2 approvals') as unknown,
    });
    expect(await upgrade.diff(wanted)).toBe(true);

    await approveAs(2, 0n);
    await approveAs(3, 0n);
    const waiting = await upgrade.update(wanted);
    expect(waiting).toMatchObject({ progress: { kind: 'proposed', stage: 'delay over' }, runs: first.hash });

    await bench.node.timeTravel(2 * day + 5);
    const done = await upgrade.update(wanted);
    expect(done).toMatchObject({ progress: { kind: 'done' }, runs: second.hash });
    expect(done.stages.every(({ standing }) => standing === 'done')).toBe(true);
    expect(await upgrade.diff(wanted)).toBe(false);
    expect((await upgrade.read())?.drift).toEqual([]);

    // The program's own resource leaves the upgrade to it, and knows the build as the wanted one.
    const own = await created(program, bench.inputs(second, { authority: governed, handOver: 'later' }));
    expect(own.state).toMatchObject({ runs: second.hash });
  });

  it('is left alone by the program, which says whose it is', async () => {
    const first = await perps(61);
    const handed = bench.inputs(first, { authority: governed, handOver: 'later' });
    await created(programAuthority, authority(first));
    const own = await created(program, handed);
    const second = await bench.rebuild(first, 'perps/perps-2.so');
    const next = bench.inputs(second, { authority: governed, handOver: 'later' });
    const words = await terminalOf(() => own.diff(next));
    expect(words).toContain('comes by a ProgramUpgrade');
    const before = await bench.balance();
    expect(await own.update(next)).toMatchObject({ runs: first.hash, hash: second.hash });
    expect(await own.diff(next)).toBe(false);
    expect(await bench.balance()).toBe(before);
  });

  it('waits in a preview for a program that comes with the same update', async () => {
    const prepared = await bench.prepare('perps/perps-1.so', 62);
    await programUpgrade.check?.({}, upgradeTo(prepared));
    expect((await refusal(programUpgrade.create(upgradeTo(prepared)))).code).toBe('CUT-2472');
  });

  it('waits in a preview for a program that a local node lost, until the update has brought it again', async () => {
    const prepared = await perps(64);
    await created(programAuthority, authority(prepared));
    const upgrade = await created(programUpgrade, upgradeTo(prepared));
    const handed = bench.inputs(prepared, { authority: governed, handOver: 'later' });
    const own = await created(program, handed);
    const anew = await startLocalSolana();
    try {
      await anew.fund(deployerAddress, 10n * sol);
      const { network } = anew;
      const wanted = { ...upgradeTo(prepared), network };
      expect(await terminalOf(() => upgrade.diff(wanted))).toContain('waits for its program');
      expect(await own.diff({ ...handed, network })).toBe(true);
      expect(await own.update({ ...handed, network })).toMatchObject({ heldBy: deployerAddress });
      expect(await terminalOf(() => upgrade.diff(wanted))).toBe('');
    } finally {
      await anew.stop();
    }
  });

  it('is made at once by a key', async () => {
    const prepared = await bench.prepare('perps/perps-1.so', 63);
    await created(program, bench.inputs(prepared));
    const second = await bench.rebuild(prepared, 'perps/perps-2.so');
    const upgrade = await created(
      programUpgrade,
      upgradeTo(second, { authority: { kind: 'key', signer: deployer } }),
    );
    expect(upgrade.state).toMatchObject({ progress: { kind: 'done' }, runs: second.hash });
  });
});
