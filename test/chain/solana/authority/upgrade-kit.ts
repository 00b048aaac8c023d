import { programDataAddress } from '@cutover/chain/plan/solana/address.ts';
import type { TimelockProgramAuthority } from '@cutover/chain/plan/solana/authority.ts';
import { setAuthority } from '@cutover/chain/plan/solana/loader-instructions.ts';
import { addressOfKeypair, localKeypair } from '@cutover/chain/plan/solana/signer.ts';
import type { UpgradeProgress } from '@cutover/chain/plan/solana/upgrade/progress.ts';
import type { TimelockRules } from '@cutover/chain/plan/solana/timelock/accounts.ts';
import { moveUpgrade, type UpgradeOrder } from '@cutover/chain/solana/authority/move-upgrade.ts';
import { openSolana } from '@cutover/chain/solana/connection.ts';
import { signerOfKeypair, type SolanaSigner } from '@cutover/chain/solana/keypairs.ts';
import { builtProgram, startProgramBench, type ProgramBench } from '../../programs/program-kit.ts';
import { answering, makeTimelock, type TimelockBench } from '../../programs/timelock-kit.ts';

export const day = 86_400;

/** A program behind the time lock of this project, on a real node. */
export interface UpgradeBench {
  readonly bench: ProgramBench;
  readonly lock: TimelockBench;
  readonly program: string;
  readonly authority: TimelockProgramAuthority;
  /** What was announced so far. */
  readonly told: string[];
  readonly lines: string[];
  /** One `pulumi up`: as its own process it knows nothing but the chain, the journal and its configuration. */
  readonly up: (build: number, more?: Partial<UpgradeOrder>) => Promise<UpgradeProgress>;
}

/** Members whose keys are known: the first proposes. */
export const members: readonly SolanaSigner[] = [0, 1, 2].map((each) => signerOfKeypair(localKeypair(each)));
export const proposer = { kind: 'local', account: 0 } as const;
export const memberAddresses = [0, 1, 2].map((each) => addressOfKeypair(localKeypair(each)));

/** A node on which the time lock program is. */
export async function startUpgradeNode(): Promise<{
  readonly bench: ProgramBench;
  readonly lockProgram: string;
}> {
  const bench = await startProgramBench();
  for (const { address } of members) await bench.node.fund(address, 100_000_000_000n);
  return { bench, lockProgram: await bench.deploy(builtProgram('timelock/timelock')) };
}

/** A program that answers 1, in the hands of a new time lock. */
export async function lockedProgram(
  bench: ProgramBench,
  lockProgram: string,
  rules: Partial<TimelockRules> = {},
): Promise<UpgradeBench> {
  const lock = await makeTimelock(bench, lockProgram, { members: memberAddresses, ...rules });
  const program = await bench.deploy(answering(1));
  const account = programDataAddress(program);
  const authority = bench.payer.address;
  await bench.send([setAuthority({ account, authority, newAuthority: lock.vault })]);
  const ref: TimelockProgramAuthority = {
    ...{ kind: 'timelock', program: lockProgram, account: lock.timelock },
    ...{ proposer, delaySeconds: 2 * day },
  };
  const told: string[] = [];
  const lines: string[] = [];
  return {
    ...{ bench, lock, program, authority: ref, told, lines },
    up: (build, more = {}) =>
      moveUpgrade(
        openSolana(bench.node.network),
        {
          ...{ title: 'the program', program, bytes: answering(build), version: `v${build}` },
          ...{ authority: ref, writer: proposer, ...more },
        },
        { log: (line) => lines.push(line), announce: ({ text }) => void told.push(text) },
      ),
  };
}
