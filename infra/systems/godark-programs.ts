import * as pulumi from '@pulumi/pulumi';
import { programDataAddress } from '@cutover/chain/plan/solana/address.ts';
import type { ProgramAuthorityRef } from '@cutover/chain/plan/solana/authority.ts';
import { accountAddress } from '@cutover/chain/plan/solana/perps/accounts.ts';
import { instructionOf } from '@cutover/chain/plan/solana/perps/instructions.ts';
import type { ProgramInterface } from '@cutover/chain/plan/solana/perps/interface.ts';
import { checkExchange } from '@cutover/chain/plan/solana/perps/needs.ts';
import type { PreparedProgram } from '@cutover/chain/plan/solana/prepared-program.ts';
import type { SolanaSignerRef } from '@cutover/chain/plan/solana/signer.ts';
import { timelockAddress } from '@cutover/chain/plan/solana/timelock/addresses.ts';
import { createTimelock } from '@cutover/chain/plan/solana/timelock/instructions.ts';
import { describeUpgrade } from '@cutover/chain/plan/solana/upgrade/progress.ts';
import { AccountSetting } from '@cutover/chain/resources/account-setting.ts';
import { AccountState } from '@cutover/chain/resources/account-state.ts';
import { BalanceGuard } from '@cutover/chain/resources/balance-guard.ts';
import { BranchGuard } from '@cutover/chain/resources/branch-guard.ts';
import { ProgramAuthority } from '@cutover/chain/resources/program-authority.ts';
import { ProgramUpgrade } from '@cutover/chain/resources/program-upgrade.ts';
import { Program } from '@cutover/chain/resources/program.ts';
import type { SolanaNetworkArgs } from '@cutover/chain/resources/solana-network.ts';
import { readInterfaceFile } from '@cutover/chain/solana/interface-file.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import type { CutoverConfig } from '../config.ts';
import type { Foundations } from '../foundations.ts';
import { programReport } from './parts.ts';
import { solanaAddress, solanaNetwork, solanaSigner } from './solana-accounts.ts';

type GodarkPrograms = NonNullable<CutoverConfig['systems']['godark']['programs']>;

/** GoDark's programs, ready to be described. */
export type GodarkOnChain = Awaited<ReturnType<typeof godarkOnChain>>;

/** What rent and fees of accounts and later transactions may take, beside the programs: half a SOL. */
const forAccounts = 500_000_000n;

/**
 * GoDark on Solana:
 *
 *     branch and SOL are right ─▶ programs ─▶ exchange, its markets ─▶ limits of the beta
 *                                    └──────────── all of it ─────────▶ the council gets the authority ─▶ upgrades
 *
 * Builds are held against their hashes, and addresses computed, before anything is registered. SIDE EFFECTS: reads
 * builds and keys.
 */
export async function godarkOnChain(
  config: CutoverConfig,
  programs: GodarkPrograms,
  local: Foundations | undefined,
) {
  const settings = config.systems.godark;
  const { perps, governance } = programs;
  const network = solanaNetwork(config, settings.network, local);
  const signer = solanaSigner(config, settings.deployer);
  const description = await interfaceOf(perps);
  const addressOf = (account: string): Promise<string> => solanaAddress(config, network, account);
  const [deployer, relayer, guardian] = await Promise.all([
    addressOf(settings.deployer),
    addressOf(perps.relayer),
    addressOf(perps.guardian),
  ]);
  const { artifact, digest } = perps.releases[perps.release] ?? { artifact: '', digest: '' };
  const program = await Program.prepare({
    ...{ title: 'perps', artifact, sha256: hexOf(digest), key: solanaSigner(config, perps.key) },
  });
  const council = await councilOf(config, governance, { network, signer, deployer });

  const exchange = accountAddress(description, program.program, 'exchange');
  const call = (name: string, more: Readonly<Record<string, string>>, values: Values) =>
    instructionOf(description, name, {
      program: program.program,
      accounts: { payer: deployer, admin: deployer, exchange, ...more },
      arguments: values,
    });
  const form = (account: string) => ({ kind: 'interface', file: perps.interface, account }) as const;
  const common = { owner: program.program, network, payer: signer };

  const describe = (opts: pulumi.CustomResourceOptions) => {
    const reviewed = new BranchGuard('godark-branch', { network }, opts);
    const funds = new BalanceGuard(
      'godark-funds',
      { network, account: signer, programs: [program, ...council.programs], keeps: forAccounts },
      { ...opts, dependsOn: [reviewed] },
    );
    const deployed = new Program(
      'perps',
      { program, network, signer, authority: council.authority, handOver: 'later' },
      { ...opts, dependsOn: [funds] },
    );
    const limits = limitsOf(settings.beta, perps.unitsPerUsd);
    const account = new AccountState(
      'perps-exchange',
      {
        ...common,
        title: 'the exchange',
        address: exchange,
        form: form('exchange'),
        fields: { admin: deployer },
        initially: { relayer, guardian },
        initialize: [
          call(
            'initialise',
            { programData: programDataAddress(program.program) },
            { relayer, guardian, ...withoutSwitch(limits) },
          ),
        ],
      },
      { ...opts, dependsOn: [deployed] },
    );
    const beta = new AccountSetting(
      'perps-limits',
      {
        ...common,
        title: 'the limits of the beta',
        address: exchange,
        form: form('exchange'),
        fields: limits.limited === 0 ? { limited: 0 } : limits,
        set: [call('setLimits', {}, limits)],
      },
      { ...opts, dependsOn: [account] },
    );
    const markets = perps.markets.map(({ symbol, priceUsd }) => {
      const address = accountAddress(description, program.program, 'market', { symbol });
      const price = BigInt(Math.round(priceUsd * perps.unitsPerUsd));
      return new AccountState(
        `perps-market-${symbol.toLowerCase()}`,
        {
          ...common,
          title: `the market ${symbol}`,
          address,
          form: form('market'),
          fields: { symbol },
          initially: { price },
          initialize: [call('createMarket', { market: address }, { symbol, price })],
        },
        { ...opts, dependsOn: [account] },
      );
    });
    const governed = new ProgramAuthority(
      'perps-authority',
      { title: 'perps', program: deployed.program, network, signer, to: council.authority },
      {
        ...opts,
        dependsOn: [account, beta, ...markets, ...council.describe({ ...opts, dependsOn: [funds] })],
      },
    );
    const upgrade = new ProgramUpgrade(
      'perps-upgrade',
      { program, version: perps.release, network, signer, authority: council.authority },
      { ...opts, dependsOn: [governed] },
    );
    const waits = pulumi
      .all([upgrade.progress, upgrade.drift, governed.drift])
      .apply(([progress, ...drift]) => [
        ...(progress.kind === 'proposed' ? [`perps-upgrade: ${describeUpgrade(progress)}`] : []),
        ...drift.flat().map((line) => `perps: ${line}`),
      ]);
    return { report: { programs: [programReport('perps', deployed, network)], waits } };
  };
  return { program, describe };
}

type Values = Readonly<Record<string, string | number | bigint>>;

interface Council {
  readonly authority: ProgramAuthorityRef;
  /** Programs of its own that are to be paid for. */
  readonly programs: readonly PreparedProgram[];
  describe(opts: pulumi.CustomResourceOptions): readonly (Program | AccountState)[];
}

/** Where a council is made, and who pays for it. */
interface CouncilPlace {
  readonly network: SolanaNetworkArgs;
  readonly signer: SolanaSignerRef;
  /** The signer's address. */
  readonly deployer: string;
}

/** Who decides about upgrades: a Squads multisig that is there, or the project's own time lock. */
async function councilOf(
  config: CutoverConfig,
  governance: GodarkPrograms['governance'],
  { network, signer, deployer }: CouncilPlace,
): Promise<Council> {
  const delaySeconds = config.systems.godark.upgradeDelayHours * 3600;
  const proposer = solanaSigner(config, governance.proposer);
  const approvers = governance.approvers.map((name) => solanaSigner(config, name));
  if (governance.kind === 'squads') {
    const { multisig, vaultIndex } = governance;
    const authority = { kind: 'squads', multisig, vaultIndex, proposer, approvers, delaySeconds } as const;
    return { authority, programs: [], describe: () => [] };
  }
  const { artifact, digest, threshold, graceHours } = governance;
  const key = solanaSigner(config, governance.key);
  const prepared = await Program.prepare({ title: 'time lock', artifact, sha256: hexOf(digest), key });
  const createKeyRef = solanaSigner(config, governance.createKey);
  const createKey = await solanaAddress(config, network, governance.createKey);
  const members = await Promise.all(governance.members.map((each) => solanaAddress(config, network, each)));
  const rules = { members, threshold, delaySeconds, graceSeconds: graceHours * 3600 };
  const account = timelockAddress(prepared.program, createKey);
  return {
    authority: { kind: 'timelock', program: prepared.program, account, proposer, approvers, delaySeconds },
    programs: [prepared],
    describe: (opts) => {
      const program = new Program(
        'timelock',
        { program: prepared, network, signer, authority: { kind: 'key', signer } },
        opts,
      );
      const council = new AccountState(
        'council',
        {
          title: 'the council of GoDark',
          address: account,
          owner: prepared.program,
          form: { kind: 'time lock' },
          fields: { ...rules },
          initialize: [createTimelock({ program: prepared.program, payer: deployer, createKey, rules })],
          ...{ network, payer: signer, signers: [createKeyRef] },
        },
        { ...opts, dependsOn: [program] },
      );
      return [program, council];
    },
  };
}

/** The digits of `sha256:…`. */
function hexOf(digest: string): string {
  return digest.slice('sha256:'.length);
}

/** The limits of a phase in the program's own units; once launched none hold. */
export function limitsOf(beta: CutoverConfig['systems']['godark']['beta'], unitsPerUsd: number) {
  const { maxDepositUsd, maxPositionUsd, maxLeverage, phase } = beta;
  const { users, tvlUsd } = phase === 'launched' ? beta.expanded : beta[phase];
  const units = (usd: number): bigint => BigInt(usd) * BigInt(unitsPerUsd);
  return {
    limited: phase === 'launched' ? 0 : 1,
    maxUsers: BigInt(users),
    maxTvl: units(tvlUsd),
    maxDeposit: units(maxDepositUsd),
    maxPosition: units(maxPositionUsd),
    maxLeverage: BigInt(maxLeverage),
  };
}

function withoutSwitch({ limited: _, ...limits }: ReturnType<typeof limitsOf>): Values {
  return limits;
}

/** How the program is called. Refused where it does not know the release. SIDE EFFECTS: reads the file. */
async function interfaceOf({
  interface: file,
  release,
  releases,
}: GodarkPrograms['perps']): Promise<ProgramInterface> {
  const description = await readInterfaceFile(file);
  checkExchange(file, description);
  const reads = releases[release]?.reads ?? '';
  if (description.releases.has(reads)) return description;
  const known = [...description.releases.keys()].join(', ');
  throw new CutoverError('CUT-5570', { release, reads, file, known });
}
