import { addressOfKeypair, keypairOfSeed } from '@cutover/chain/plan/solana/signer.ts';
import type { CutoverConfig } from '../../infra/config.ts';

type Programs = NonNullable<CutoverConfig['systems']['godark']['programs']>;

/** What stands in for GoDark's keys and council. */
export interface GodarkStandIns {
  /** Keypairs by the names of their signers; those of the council are in no stack file. */
  readonly keypairs: ReadonlyMap<string, Uint8Array>;
  /** Addresses that pay for transactions. */
  readonly funded: readonly string[];
  readonly governance: Programs['governance'];
  readonly delaySeconds: number;
  /** What was replaced and by what, for people. */
  readonly line: string;
}

/** The project's own time lock, as chain/programs/timelock/timelock.v3.so.sha256 has it. */
const timelock = {
  artifact: 'chain/programs/timelock/timelock.v3.so',
  digest: 'sha256:74e66840cc36350fcb5e3accc1ee728e0e676be7cc9ae623e4b4442d60a1b077',
} as const;
const members = ['rehearsal-member-1', 'rehearsal-member-2'] as const;
const threshold = 2;

/** Decides what stands in for GoDark's keys and council; undefined where the stack has no programs yet. Pure. */
export function godarkStandIns(
  { signers, systems }: CutoverConfig,
  seedOf: (name: string) => Uint8Array,
): GodarkStandIns | undefined {
  const { deployer, programs, upgradeDelayHours } = systems.godark;
  if (programs === undefined) return undefined;
  const { perps, governance } = programs;
  const isSigner = (name: string): boolean => signers[name] !== undefined;
  const payers = [...new Set([deployer, perps.guardian, perps.relayer, governance.proposer, ...members])];
  // These sign once, for an address at which nothing may be before.
  const once = [perps.key, 'rehearsal-timelock', 'rehearsal-council'];
  const named = [
    ...payers.filter((name) => isSigner(name) || members.some((each) => each === name)),
    ...once,
  ];
  const keypairs = new Map(named.map((name) => [name, keypairOfSeed(seedOf(`keypair ${name}`))]));
  const replaced =
    governance.kind === 'squads'
      ? `the Squads multisig ${governance.multisig}, whose program is in no registry`
      : 'its own';
  return {
    keypairs,
    funded: [...keypairs].flatMap(([name, keypair]) =>
      once.includes(name) ? [] : [addressOfKeypair(keypair)],
    ),
    governance: {
      ...{ kind: 'timelock', ...timelock, key: 'rehearsal-timelock', createKey: 'rehearsal-council' },
      ...{ members: [governance.proposer, ...members], threshold, graceHours: 72 },
      ...{ proposer: governance.proposer, approvers: [...members] },
    },
    delaySeconds: upgradeDelayHours * 3600,
    line: `godark's council: the project's time lock, ${threshold} of ${members.length + 1} keys of this rehearsal, in place of ${replaced}; its delay of ${upgradeDelayHours} h is passed on the node`,
  };
}
