import { createRequire } from 'node:module';
import { getAddress, getCreate2Address, keccak256 } from 'ethers';
import type { LocalNode } from '../../local-node.ts';

// What explorers do: compile what they were given, with nothing else at hand, and hold it against the chain. None of
// it is shared with the code under test.

interface Place {
  readonly start: number;
  readonly length: number;
}

interface Code {
  readonly object: string;
  readonly linkReferences: Readonly<Record<string, Readonly<Record<string, readonly Place[]>>>>;
  readonly immutableReferences?: Readonly<Record<string, readonly Place[]>>;
}

export interface Recompiled {
  readonly creation: Code;
  readonly runtime: Code;
}

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<
    Record<string, Readonly<Record<string, { readonly evm: { bytecode: Code; deployedBytecode: Code } }>>>
  >;
}

interface Solc {
  version(): string;
  compile(input: string): string;
}

const outputs = new Map<string, Output>();
let loaded: Solc | undefined;
const solc = (): Solc => (loaded ??= createRequire(import.meta.url)('solc') as Solc);

/** The compiler's version as explorers list it, without v. */
export function installedCompiler(): string {
  return solc().version().replace('.Emscripten.clang', '');
}

/** Compiles an input and takes out a contract, or says what is wrong. */
export function recompile(input: object, identifier: string): Recompiled | string {
  const text = JSON.stringify(input);
  const output = outputs.get(text) ?? (JSON.parse(solc().compile(text)) as Output);
  outputs.set(text, output);
  const error = output.errors?.find(({ severity }) => severity === 'error');
  if (error !== undefined) return error.formattedMessage;
  const colon = identifier.lastIndexOf(':');
  const evm = output.contracts?.[identifier.slice(0, colon)]?.[identifier.slice(colon + 1)]?.evm;
  if (evm === undefined) return `there is no ${identifier} in the output`;
  return { creation: evm.bytecode, runtime: evm.deployedBytecode };
}

const deploymentProxy = '0x4e59b44847b379578588920cA78FbF26c0B4956C';

/** The creation code of a contract, with its arguments, as a transaction on the chain holds it. */
export async function creationCodeOf(node: LocalNode, address: string): Promise<string | undefined> {
  const head = await node.provider.getBlockNumber();
  for (let number = 0; number <= head; number++) {
    const block = await node.provider.getBlock(number, true);
    for (const { to, data, hash } of block?.prefetchedTransactions ?? []) {
      if (to === deploymentProxy) {
        const initCode = `0x${data.slice(66)}`;
        const made = getCreate2Address(to, data.slice(0, 66), keccak256(initCode));
        if (made === getAddress(address)) return initCode.slice(2);
      } else if (to === null) {
        const receipt = await node.provider.getTransactionReceipt(hash);
        if (receipt?.contractAddress === getAddress(address)) return data.slice(2);
      }
    }
  }
  return undefined;
}

/** As Etherscan: the code of the creation but for the metadata at its end, then exactly the arguments. */
export function sameCreation(creation: Code, constructorArguments: string, onChain: string): boolean {
  const { object } = creation;
  const executable = object.length - 2 * metadataLength(object);
  return (
    !object.includes('__$') &&
    onChain.slice(0, executable) === object.slice(0, executable) &&
    onChain.slice(object.length) === constructorArguments
  );
}

/** As Sourcify: libraries, immutables and a library's own address are taken from the chain. */
export function runtimeMatch(runtime: Code, onChain: string): 'exact_match' | 'match' | null {
  let own = runtime.object;
  if (own.length !== onChain.length) return null;
  const places = [
    ...Object.values(runtime.linkReferences).flatMap((names) => Object.values(names).flat()),
    ...Object.values(runtime.immutableReferences ?? {}).flat(),
    ...(own.startsWith(`73${'00'.repeat(20)}3014`) ? [{ start: 1, length: 20 }] : []),
  ];
  for (const { start, length } of places) {
    const [from, to] = [2 * start, 2 * (start + length)];
    own = own.slice(0, from) + onChain.slice(from, to) + own.slice(to);
  }
  const executable = own.length - 2 * metadataLength(own);
  if (own.slice(0, executable) !== onChain.slice(0, executable)) return null;
  const hashed = own.slice(executable).includes(Buffer.from('ipfs').toString('hex'));
  return hashed && own === onChain ? 'exact_match' : 'match';
}

/** In bytes, with the two that say how long it is. */
function metadataLength(code: string): number {
  return Number.parseInt(code.slice(-4), 16) + 2;
}
