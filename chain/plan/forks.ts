import { CutoverError } from '@cutover/base/errors.ts';
import { amsterdamCap, forkTable, type EvmVersion, type Fork } from './fork-table.ts';
import { transactionGasCap, type FeeRules } from './fees.ts';
import { describeNetwork, isLocal, type NetworkRef } from './network.ts';

/** What the newest block of a chain says. */
export interface Head {
  readonly number: number;
  /** Seconds since 1970. */
  readonly time: number;
  readonly gasLimit: bigint;
  /** Undefined on chains without EIP-1559. */
  readonly baseFee: bigint | undefined;
  /** The newest EVM of which the block's own fields give proof. */
  readonly shows: EvmVersion;
}

/** The rules that hold on a chain at its head. */
export interface ChainRules extends FeeRules {
  readonly eip1559: boolean;
  /** The newest EVM that is known to be active. */
  readonly evm: EvmVersion;
  /** Whether the chain has nothing newer than `evm`, or it is only not known. */
  readonly certain: boolean;
  /** What a transaction may use at most; where no fork sets a cap, all that fits into 64 bits. */
  readonly transactionGasCap: bigint;
  /** EIP-3860: creation code may be 49,152 bytes at most. */
  readonly limitsInitCode: boolean;
  /** EIP-4844: transactions may carry blobs. */
  readonly blobs: boolean;
}

/** A fork that is to come, and in how many seconds; by its blocks' usual time where a block number activates it. */
export interface UpcomingFork {
  readonly fork: Fork;
  readonly inSeconds: number;
}

/** The forks of a chain, as far as they are known, held against its head. */
export interface ForkStatus {
  readonly known: boolean;
  readonly active: readonly Fork[];
  readonly upcoming: readonly UpcomingFork[];
}

/** Every EVM that the Solidity compiler can be told to compile for, oldest first. */
const evmVersions: readonly EvmVersion[] = [
  'homestead',
  'tangerineWhistle',
  'spuriousDragon',
  'byzantium',
  'constantinople',
  'petersburg',
  'istanbul',
  'berlin',
  'london',
  'paris',
  'shanghai',
  'cancun',
  'prague',
  'osaka',
  'amsterdam',
];

/** What code for an EVM may contain that an older one does not know. */
const novelties: Partial<Readonly<Record<EvmVersion, string>>> = {
  shanghai: 'PUSH0',
  cancun: 'MCOPY and transient storage',
  osaka: 'CLZ',
  amsterdam: 'DUPN, SWAPN and EXCHANGE',
};

const noCap = 2n ** 64n - 1n;
const warningDays = 7;

/** Reads a block as nodes hand it out; undefined when it is none. */
export function headOf(block: unknown): Head | undefined {
  if (block === null || typeof block !== 'object') return undefined;
  const fields = block as Readonly<Record<string, unknown>>;
  const [number, time, gasLimit] = [fields['number'], fields['timestamp'], fields['gasLimit']].map(quantity);
  if (number === undefined || time === undefined || gasLimit === undefined) return undefined;
  const baseFee = quantity(fields['baseFeePerGas']);
  return { number: Number(number), time: Number(time), gasLimit, baseFee, shows: shownBy(fields) };
}

/** Which forks of a chain are active at its head, and which are to come, the next one first. */
export function forksAt(chainId: number, head: Pick<Head, 'number' | 'time'>): ForkStatus {
  const chain = forkTable[chainId];
  if (chain === undefined) return { known: false, active: [], upcoming: [] };
  const active = chain.forks.filter((fork) => isActive(fork, head));
  const upcoming = chain.forks
    .filter((fork) => !isActive(fork, head))
    .map((fork) => ({ fork, inSeconds: secondsUntil(fork, head, chain.blockSeconds) }))
    .toSorted((a, b) => a.inSeconds - b.inSeconds);
  return { known: true, active, upcoming };
}

/** The rules at the head: from the table of forks, and from what the block itself shows. */
export function rulesAt(chainId: number, head: Head): ChainRules {
  const { known, active } = forksAt(chainId, head);
  const byTable = active.findLast((fork) => fork.evm !== undefined)?.evm;
  const evm = byTable !== undefined && !isNewer(head.shows, byTable) ? byTable : head.shows;
  const byFork = active.findLast((fork) => fork.transactionGasCap !== undefined)?.transactionGasCap;
  const cap = isNewer(evm, 'osaka') ? amsterdamCap : byFork;
  return {
    eip1559: head.baseFee !== undefined || !isNewer('london', evm),
    evm,
    // A local node's blocks show all forks up to Prague; other chains may leave fields out.
    certain: known || (isLocal({ chainId }) && isNewer('prague', evm)),
    // Where it is not known, the cap of Ethereum: what keeps to it is taken everywhere.
    transactionGasCap: cap ?? (known ? noCap : transactionGasCap),
    limitsInitCode: !isNewer('shanghai', evm),
    blobs: !isNewer('cancun', evm),
    minimumTip: forkTable[chainId]?.minimumTip,
  };
}

/** Why code that was compiled for an EVM cannot run at a chain's head; undefined when it can, or nothing speaks against it. */
export function evmVersionProblem(
  evmVersion: string,
  rules: Pick<ChainRules, 'evm' | 'certain'>,
): string | undefined {
  const wanted = evmVersions.find((version) => version === evmVersion);
  if (wanted === undefined) return `there is no EVM version ${evmVersion}`;
  if (!rules.certain || !isNewer(wanted, rules.evm)) return undefined;
  const missing = evmVersions
    .slice(evmVersions.indexOf(rules.evm) + 1, evmVersions.indexOf(wanted) + 1)
    .map((version) => novelties[version])
    .filter((novelty) => novelty !== undefined);
  const what = missing.length === 0 ? '' : `; such code may use ${missing.join(', ')}`;
  return `it is compiled for ${wanted}, and the newest that the chain has is ${rules.evm}${what}`;
}

/**
 * Refuses code that a chain cannot run yet, before anything is sent. Where the artefact does not tell what it is compiled
 * for, or the chain not what it has, nothing speaks against it.
 */
export function requireEvmVersion(
  network: Pick<NetworkRef, 'name' | 'chainId'>,
  contract: string,
  evmVersion: string | undefined,
  { evm, certain = false }: Partial<Pick<ChainRules, 'evm' | 'certain'>>,
): void {
  if (evmVersion === undefined || evm === undefined) return;
  const problem = evmVersionProblem(evmVersion, { evm, certain });
  if (problem === undefined) return;
  throw new CutoverError('CUT-2034', {
    contract,
    network: describeNetwork(network),
    problem,
    newest: evm,
  });
}

/** A warning for each fork that comes within a week. */
export function forkWarnings(
  network: Pick<NetworkRef, 'name' | 'chainId'>,
  head: Pick<Head, 'number' | 'time'>,
): readonly string[] {
  return forksAt(network.chainId, head)
    .upcoming.filter(({ inSeconds }) => inSeconds <= warningDays * 86_400)
    .map(({ fork, inSeconds }) => {
      const consequence = fork.consequence === undefined ? '' : `: ${fork.consequence}`;
      return `${describeNetwork(network)} has its fork ${fork.name} ${inWords(inSeconds)}, ${activation(fork)}${consequence}`;
    });
}

function isActive(fork: Fork, head: Pick<Head, 'number' | 'time'>): boolean {
  return 'block' in fork.at ? head.number >= fork.at.block : head.time >= fork.at.time;
}

function secondsUntil(fork: Fork, head: Pick<Head, 'number' | 'time'>, blockSeconds: number): number {
  return 'block' in fork.at ? (fork.at.block - head.number) * blockSeconds : fork.at.time - head.time;
}

function activation(fork: Fork): string {
  if ('block' in fork.at) return `at block ${fork.at.block}`;
  return `at ${new Date(fork.at.time * 1000).toISOString().replace('.000Z', ' UTC').replace('T', ' ')}`;
}

function inWords(seconds: number): string {
  if (seconds < 2 * 3600) return `in ${Math.max(1, Math.round(seconds / 60))} min`;
  if (seconds < 2 * 86_400) return `in ${Math.round(seconds / 3600)} h`;
  return `in ${Math.round(seconds / 86_400)} days`;
}

/** The newest fork that put a field into the header of blocks. Chains of other makers may leave such fields out. */
function shownBy(block: Readonly<Record<string, unknown>>): EvmVersion {
  const has = (field: string): boolean => typeof block[field] === 'string';
  if (has('blockAccessListHash')) return 'amsterdam';
  if (has('requestsHash')) return 'prague';
  if (has('parentBeaconBlockRoot')) return 'cancun';
  if (has('withdrawalsRoot')) return 'shanghai';
  // Proof of stake has no difficulty.
  if (has('baseFeePerGas')) return quantity(block['difficulty']) === 0n ? 'paris' : 'london';
  return 'berlin';
}

function isNewer(version: EvmVersion, than: EvmVersion): boolean {
  return evmVersions.indexOf(version) > evmVersions.indexOf(than);
}

function quantity(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^0x[0-9a-f]+$/i.test(value) ? BigInt(value) : undefined;
}
