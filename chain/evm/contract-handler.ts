import { isDeepStrictEqual } from 'node:util';
import { keccak256 } from 'ethers/crypto';
import { hasUnknown } from '@cutover/base/dispatch.ts';
import type { Handler } from '@cutover/base/dynamic.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import { posted } from '../notify/webhook.ts';
import type { Artifact } from '../plan/artifact.ts';
import { isAnother, planDiff, type ContractDiff, type Look, type Place } from '../plan/contract.ts';
import { requireEvmVersion } from '../plan/forks.ts';
import { describeNetwork, type NetworkRef } from '../plan/network.ts';
import type { SignerRef } from '../plan/signer.ts';
import { checkSigner, openAccount } from './account.ts';
import { describeArtifact, evmVersionOf, loadArtifact } from './artifacts.ts';
import { codeAt, deployContract, type Deployed, type Deployment } from './deploy.ts';
import { requireOwner } from './lost-owner.ts';
import { encodeInitCode, type PreparedContract } from './prepare.ts';
import { connect, type Rpc } from './rpc.ts';
import { agreedOn, asksSeveral } from './sender/agreement.ts';
import { watchOf } from './sender/watch.ts';
import { unmetExpectations } from './view.ts';

/** What the engine keeps of a contract: no code, only hashes and where to find the rest. */
export interface ContractInputs extends PreparedContract {
  readonly network: NetworkRef;
  readonly signer: SignerRef;
  /** `later`: what stands on it waits for it. @default at once */
  readonly settles?: 'later';
  /** Whether another address would leave something behind. */
  readonly keeps?: 'state';
}

export interface ContractState extends ContractInputs {
  /** Hash of the code on the chain, immutables and all. */
  readonly codeHash: string;
  /** Values of immutables, by their names in the source. */
  readonly immutables: Readonly<Record<string, string>>;
  /** The deployment's transaction, its block and its sender; absent where the contract was found deployed. */
  readonly transactionHash?: string;
  readonly blockNumber?: number;
  readonly deployer?: string;
  /** What the last look at the chain found wrong, one sentence each. */
  readonly drift: readonly string[];
}

/** A look must not hold up an update when a node hangs. */
const lookTimeoutMs = 5_000;

/** A contract as a managed resource. The chain is the truth: state only says where to look. */
export const handler: Handler<ContractInputs, ContractState> = {
  async check(olds, news) {
    // A preview of what is there already asks nothing.
    if (!hasUnknown(news) && olds.initCodeHash !== news.initCodeHash) await requireFits(news);
    return {};
  },

  async diff(_id, olds, news) {
    // Where a URL is known only after the update, the one of the last update still tells what is there.
    const network = hasUnknown(news.network) ? olds.network : news.network;
    const old = { ...placeOf(olds), codeHash: olds.codeHash };
    const wanted = placeOf(news);
    const diff = planDiff({
      old,
      wanted,
      onChain: isAnother(old, wanted) ? undefined : await look(network, olds),
      otherInputsDiffer: !isDeepStrictEqual(inputsOf(olds), { ...inputsOf(news), network }),
      knownDrift: olds.drift,
    });
    sayDrift(diff, olds);
    switch (diff.kind) {
      case 'same':
        return { changes: false };
      case 'update':
        return { changes: true };
      case 'replace': {
        if (news.keeps === 'state') throw wouldMove(olds, news);
        const moved = olds.network.chainId === news.network.chainId ? 'initCodeHash' : 'network';
        return { changes: true, replaces: [olds.salt === news.salt ? moved : 'salt'] };
      }
    }
  },

  async create(inputs) {
    return { id: idOf(inputs), outs: await bring(inputs, undefined).finally(posted) };
  },

  async update(_id, olds, news) {
    return { outs: await bring(news, olds).finally(posted) };
  },

  async read(id, olds) {
    const onChain = await look(olds.network, olds);
    const found = { id, props: olds, inputs: inputsOf(olds) };
    switch (onChain.kind) {
      case 'unreachable':
        return found;
      case 'none':
        console.log(
          `drift: ${where(olds)} is gone from the chain; the next update deploys it again at the same address`,
        );
        return {};
      case 'code': {
        const rpc = await connect(olds.network);
        const drift =
          onChain.hash === olds.codeHash
            ? await unmetExpectations(rpc, olds.address, olds.expects)
            : [`other code is there than the one that was deployed (hash ${onChain.hash})`];
        for (const sentence of drift) console.log(`drift: ${where(olds)}: ${sentence}`);
        return { ...found, props: { ...olds, drift } };
      }
    }
  },

  delete(_id, olds) {
    console.log(`forgotten: ${where(olds)} stays on the chain; a contract cannot be deleted`);
    return Promise.resolve();
  },
};

/** Deploys what is missing, checks all of it, and says what is there now. */
async function bring(inputs: ContractInputs, olds: ContractState | undefined): Promise<ContractState> {
  checkSigner(inputs.signer, inputs.network);
  const { artifact, deployment } = await loadDeployment(inputs);
  const rpc = await connect(inputs.network);
  const deployed = await deployContract(
    rpc,
    () => openAccount(inputs.signer, inputs.network),
    deployment,
    console.log,
    { settle: inputs.settles ?? 'now' },
  );
  // What is on its way cannot be asked yet; what stands on it waits for it, and a refresh asks.
  if (deployed.transaction === undefined || deployed.transaction.blockNumber !== undefined) {
    await requireOwner(rpc, { ...inputs, abi: artifact.abi });
    await requireExpectations(rpc, inputs);
  }
  return {
    ...inputs,
    codeHash: deployed.codeHash,
    immutables: Object.fromEntries(deployed.immutables.map(({ name, value }) => [name, value])),
    ...transactionOf(deployed, olds),
    drift: [],
  };
}

/** Code that the chain cannot run yet is refused in the preview, where the chain can be asked from here. */
async function requireFits({ network, artifact, contract }: ContractInputs): Promise<void> {
  try {
    const rpc = await connect(network, { timeoutMs: lookTimeoutMs });
    const { rules } = await watchOf(rpc).head();
    requireEvmVersion(network, contract, await evmVersionOf(artifact), rules);
  } catch (error) {
    // A preview may run where no chain is yet, or without the keys of its endpoints; the update asks again.
    if (!(error instanceof CutoverError) || error.code === 'CUT-2034') throw error;
  }
}

/** Loads the artefact anew and makes sure that it is the one that the program prepared. */
async function loadDeployment(
  inputs: ContractInputs,
): Promise<{ readonly artifact: Artifact; readonly deployment: Deployment }> {
  const artifact = await loadArtifact(inputs.artifact);
  const { initCode } = encodeInitCode(artifact, inputs.libraries, inputs.args);
  if (keccak256(initCode) !== inputs.initCodeHash) {
    throw new CutoverError('CUT-2057', {
      contract: inputs.contract,
      artifact: describeArtifact(inputs.artifact),
    });
  }
  const { libraries, salt, address } = inputs;
  const args = JSON.stringify(inputs.args);
  return { artifact, deployment: { artifact, libraries, initCode, salt, address, args } };
}

async function requireExpectations(rpc: Rpc, inputs: ContractInputs): Promise<void> {
  const unmet = await unmetExpectations(rpc, inputs.address, inputs.expects);
  if (unmet.length === 0) return;
  throw new CutoverError('CUT-2058', {
    contract: inputs.contract,
    address: inputs.address,
    network: describeNetwork(inputs.network),
    list: unmet.map((sentence) => `  - ${sentence}`).join('\n'),
  });
}

/** What is at the contract's address right now; a node that does not answer is told and otherwise passed over. */
async function look(network: NetworkRef, contract: ContractState): Promise<Look> {
  try {
    const rpc = await connect(network, { timeoutMs: lookTimeoutMs });
    const code = await codeAt(rpc, contract.address);
    if (keccak256(code) === contract.codeHash) return { kind: 'code', hash: contract.codeHash };
    // Not on the word of one endpoint: a contract that is gone is dropped from the state.
    const agreed = asksSeveral(rpc)
      ? await agreedOn(rpc, 'eth_getCode', [contract.address, 'latest'])
      : undefined;
    if (agreed?.kind === 'open') {
      console.log(`warning: ${where(contract)}: the endpoints do not agree on its code; taken as unchanged`);
      return { kind: 'unreachable' };
    }
    const said = (agreed?.value ?? code) as string;
    return said === '0x' ? { kind: 'none' } : { kind: 'code', hash: keccak256(said) };
  } catch (error) {
    if (!(error instanceof CutoverError) || error.code !== 'CUT-2030') throw error;
    console.log(
      `warning: ${where(contract)} could not be looked at: no endpoint answers; taken as unchanged`,
    );
    return { kind: 'unreachable' };
  }
}

function sayDrift(diff: ContractDiff, contract: ContractState): void {
  if (diff.kind !== 'update' || diff.drift === undefined) return;
  switch (diff.drift) {
    case 'gone':
      console.log(
        `drift: ${where(contract)} is gone from the chain; it is deployed again at the same address`,
      );
      return;
    case 'changed':
      console.log(`drift: ${where(contract)}: other code is there than the one that was deployed`);
      return;
    case 'known':
      for (const sentence of contract.drift) console.log(`drift: ${where(contract)}: ${sentence}`);
  }
}

function transactionOf(
  { transaction }: Deployed,
  olds: ContractState | undefined,
): Pick<ContractState, 'transactionHash' | 'blockNumber' | 'deployer'> {
  if (transaction !== undefined) {
    const { hash, blockNumber, sender } = transaction;
    return { transactionHash: hash, deployer: sender, ...(blockNumber === undefined ? {} : { blockNumber }) };
  }
  // Found deployed: what an earlier update of ours knew about it still holds.
  return {
    ...(olds?.transactionHash === undefined ? {} : { transactionHash: olds.transactionHash }),
    ...(olds?.blockNumber === undefined ? {} : { blockNumber: olds.blockNumber }),
    ...(olds?.deployer === undefined ? {} : { deployer: olds.deployer }),
  };
}

function inputsOf(values: ContractInputs): ContractInputs {
  const { contract, artifact, address, initCodeHash, args, salt, libraries, expects } = values;
  const { network, signer, settles, keeps } = values;
  return {
    ...{ contract, artifact, address, initCodeHash, args, salt, libraries, expects, network, signer },
    ...(settles === undefined ? {} : { settles }),
    ...(keeps === undefined ? {} : { keeps }),
  };
}

function wouldMove({ contract, address }: ContractInputs, wanted: ContractInputs): CutoverError {
  return new CutoverError('CUT-2335', { contract, address, wanted: wanted.address });
}

/** As CAIP-10 names accounts of chains. */
function idOf({ network, address }: ContractInputs): string {
  return `eip155:${network.chainId}:${address}`;
}

function placeOf({ address, network }: ContractInputs): Place {
  return { address, chainId: network.chainId };
}

function where({ contract, address, network }: ContractInputs): string {
  return `${contract} at ${address} on ${describeNetwork(network)}`;
}
