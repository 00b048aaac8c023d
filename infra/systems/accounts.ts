import * as pulumi from '@pulumi/pulumi';
import { signerAddress } from '@cutover/chain/evm/account.ts';
import type { PreparedContract } from '@cutover/chain/evm/prepare.ts';
import type { AuthorityRef } from '@cutover/chain/plan/authority/authority.ts';
import { zeroAddress } from '@cutover/chain/plan/cut/selector.ts';
import type { SignerRef } from '@cutover/chain/plan/signer.ts';
import { Contract } from '@cutover/chain/resources/contract.ts';
import type { NetworkArgs } from '@cutover/chain/resources/deployed-contract.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import type { CutoverConfig } from '../config.ts';

/** Who signs under a name of the stack file. */
export function signerOf(config: CutoverConfig, name: string): SignerRef {
  const signer = config.signers[name];
  // The configuration's checks refuse it; this is for the compiler.
  if (signer === undefined) throw new CutoverError('CUT-5108', { name, kind: undefined });
  return signer.kind === 'kms' ? { kind: 'kms', key: signer.name, region: signer.region } : signer;
}

/** The address of a signer or an authority of the stack file. */
export async function accountOf(config: CutoverConfig, name: string): Promise<string> {
  const authority = config.authorities[name];
  if (authority === undefined) return signerAddress(signerOf(config, name));
  return authority.address ?? (await ownTimelock(config, name)).address;
}

/** The addresses of several accounts of the stack file, by what they may do. */
export async function accountsOf<Right extends string>(
  config: CutoverConfig,
  names: Readonly<Record<Right, string>>,
): Promise<Readonly<Record<Right, string>>> {
  const entries = Object.entries<string>(names).map(
    async ([right, name]) => [right, await accountOf(config, name)] as const,
  );
  return Object.fromEntries(await Promise.all(entries)) as Record<Right, string>;
}

/** Who changes contracts under a name of the stack file: a signer at once, an authority as it goes. */
export async function authorityOf(config: CutoverConfig, name: string): Promise<AuthorityRef> {
  const authority = config.authorities[name];
  switch (authority?.kind) {
    case undefined:
      return { kind: 'key', signer: signerOf(config, name) };
    case 'safe': {
      const { address, gas, signers, service } = authority;
      return {
        ...{
          kind: 'safe',
          address,
          gas: signerOf(config, gas),
          folder: process.env['CUTOVER_TWIN'] ?? `.cutover/${pulumi.getStack()}`,
        },
        ...(signers === undefined ? {} : { signers: signers.map((each) => signerOf(config, each)) }),
        ...(service === undefined ? {} : { service }),
      };
    }
    case 'timelock': {
      const proposer = await authorityOf(config, authority.proposer);
      // The configuration's checks refuse it; this is for the compiler.
      if (proposer.kind === 'timelock') throw new CutoverError('CUT-5108', { name, kind: proposer.kind });
      return {
        kind: 'timelock',
        address: await accountOf(config, name),
        proposer,
        executor: signerOf(config, authority.executor),
        delaySeconds: authority.delayHours * 3600,
      };
    }
  }
}

const described = new Map<string, Contract>();

/** The time locks among some accounts that this stack deploys itself. */
export interface OwnAuthorities {
  readonly contracts: readonly PreparedContract[];
  /** Describes them. What they hold rights of depends on them. */
  describe(opts: pulumi.CustomResourceOptions): Contract[];
}

/** Prepares the time locks among some accounts that this stack deploys itself. */
export async function ownAuthorities(
  config: CutoverConfig,
  names: readonly string[],
  args: { readonly network: NetworkArgs; readonly signer: SignerRef },
): Promise<OwnAuthorities> {
  const own = [...new Set(names)].filter((name) => isOwn(config, name));
  const prepared = await Promise.all(
    own.map(async (name) => [name, await ownTimelock(config, name)] as const),
  );
  return {
    contracts: prepared.map(([, contract]) => contract),
    describe: (opts) =>
      prepared.map(([name, contract]) => {
        const key = `${args.network.name}/${name}`;
        const known = described.get(key) ?? new Contract(name, { contract, ...args, keeps: 'state' }, opts);
        described.set(key, known);
        return known;
      }),
  };
}

const prepared = new WeakMap<CutoverConfig, Map<string, Promise<PreparedContract>>>();

/** A TimelockController of OpenZeppelin that this stack deploys: its address is known before. */
function ownTimelock(config: CutoverConfig, name: string): Promise<PreparedContract> {
  const known = prepared.get(config) ?? new Map<string, Promise<PreparedContract>>();
  prepared.set(config, known);
  const promise = known.get(name) ?? prepareTimelock(config, name);
  known.set(name, promise);
  return promise;
}

async function prepareTimelock(config: CutoverConfig, name: string): Promise<PreparedContract> {
  const authority = config.authorities[name];
  if (authority?.kind !== 'timelock') throw new CutoverError('CUT-5108', { name, kind: authority?.kind });
  const [proposer, executor] = await Promise.all([
    accountOf(config, authority.proposer),
    accountOf(config, authority.executor),
  ]);
  return Contract.prepare({
    artifact: {
      kind: 'source',
      source: 'node_modules/@openzeppelin/contracts/governance/TimelockController.sol',
      contract: 'TimelockController',
    },
    args: {
      minDelay: authority.delayHours * 3600,
      proposers: [proposer],
      executors: [executor],
      // Nobody but the time lock itself changes who may do what.
      admin: zeroAddress,
    },
    salt: `cutover/${pulumi.getProject()}/${pulumi.getStack()}/${name}`,
    expects: [{ view: 'getMinDelay', returns: authority.delayHours * 3600 }],
  });
}

function isOwn(config: CutoverConfig, name: string): boolean {
  const authority = config.authorities[name];
  return authority?.kind === 'timelock' && authority.address === undefined;
}
