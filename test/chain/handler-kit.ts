import { getAddress } from 'ethers';
import type { Handler } from '@cutover/base/dynamic.ts';
import { loadArtifact, type ArtifactRef } from '@cutover/chain/evm/artifacts.ts';
import type { LocalNode } from './local-node.ts';

/** The engine hands values over as JSON. */
export function asOnTheWire<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** A handler as the engine calls it, with the state that it keeps in between. */
export interface Managed<Inputs extends object, State extends object> {
  readonly state: State;
  /** What `diff` answers: whether an update has something to do. */
  diff(news: Inputs): Promise<boolean>;
  update(news: Inputs): Promise<State>;
  /** `refresh`; undefined when it is gone. */
  read(): Promise<State | undefined>;
  delete(): Promise<void>;
}

/** Creates a resource by its handler. */
export async function created<Inputs extends object, State extends object>(
  handler: Handler<Inputs, State>,
  inputs: Inputs,
): Promise<Managed<Inputs, State>> {
  await handler.check?.({}, asOnTheWire(inputs));
  const { id, outs } = await handler.create(asOnTheWire(inputs));
  let state = asOnTheWire(outs);
  return {
    get state() {
      return state;
    },
    async diff(news) {
      const answer = await handler.diff?.(id, state, asOnTheWire(news));
      return answer?.changes === true;
    },
    async update(news) {
      const answer = await handler.update?.(id, state, asOnTheWire(news));
      if (answer === undefined) throw new Error('the handler has no update');
      state = asOnTheWire(answer.outs);
      return state;
    },
    async read() {
      const answer = await handler.read?.(id, state);
      if (answer?.id === undefined || answer.props === undefined) return undefined;
      state = asOnTheWire(answer.props);
      return state;
    },
    async delete() {
      await handler.delete?.(id, state);
    },
  };
}

/** Deploys as other tools do: with a plain transaction of an account of the node. Returns the address. */
export async function deployPlainly(node: LocalNode, artifact: ArtifactRef, from: string): Promise<string> {
  const { creationCode } = await loadArtifact(artifact);
  return getAddress((await sendFrom(node, from, { data: creationCode })).contractAddress);
}

/** Sends a transaction of an account that the node itself signs for. */
export async function sendFrom(
  node: LocalNode,
  from: string,
  call: { readonly to?: string; readonly data: string },
): Promise<{ readonly contractAddress: string; readonly status: string; readonly gasUsed: string }> {
  const hash = (await node.provider.send('eth_sendTransaction', [
    { from, gas: '0xe00000', ...call },
  ])) as string;
  for (let tries = 0; tries < 100; tries++) {
    const receipt = (await node.provider.send('eth_getTransactionReceipt', [hash])) as {
      contractAddress: string;
      status: string;
      gasUsed: string;
    } | null;
    if (receipt !== null) return receipt;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${hash} was not mined`);
}
