import { Network } from 'ethers/providers';
import { CutoverError } from '@cutover/base/errors.ts';
import { describeSecret, readSecret } from '@cutover/base/secrets.ts';
import { describeNetwork, endpointOrder, type Endpoint, type NetworkRef } from '../plan/network.ts';
import { EndpointProvider, NodeRefusal, Unreachable } from './endpoint-provider.ts';

/** What a node answered: a value, or its refusal. */
export type RpcAnswer =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly code: number; readonly message: string; readonly data?: string };

/** A chain that answers, on the first of its endpoints that does. */
export interface Rpc {
  readonly network: NetworkRef;
  /** Asks, and hands a refusal of the node back. */
  ask(method: string, params: readonly unknown[]): Promise<RpcAnswer>;
  /** Asks, and throws when the node refuses. */
  send<T>(method: string, params: readonly unknown[]): Promise<T>;
}

interface Connection {
  /** Safe to print: no path, no query, no password. */
  readonly label: string;
  readonly provider: EndpointProvider;
}

/**
 * Finds an endpoint that answers and is the chain that it should be. Later questions go to the same endpoint; when it
 * stops answering, to the next. SIDE EFFECTS: asks nodes.
 */
export async function connect(network: NetworkRef, options: { timeoutMs?: number } = {}): Promise<Rpc> {
  const timeoutMs = options.timeoutMs ?? 20_000;
  let waiting: Endpoint[] = [];

  /** The next endpoint that is well, starting over with the first once all have had their turn. */
  const next = async (failures: string[]): Promise<Connection> => {
    let wrongChain: CutoverError | undefined;
    if (waiting.length === 0) waiting = [...endpointOrder(network.endpoints)];
    for (;;) {
      const endpoint = waiting.shift();
      if (endpoint === undefined) break;
      const connection = await open(endpoint, network, timeoutMs);
      try {
        const actual = BigInt((await connection.provider.send('eth_chainId', [])) as string);
        if (actual === BigInt(network.chainId)) return connection;
        wrongChain = new CutoverError('CUT-2031', {
          endpoint: connection.label,
          network: describeNetwork(network),
          actual,
        });
        failures.push(`  - ${connection.label}: it is another chain, ${actual}`);
      } catch (error) {
        if (!(error instanceof Unreachable || error instanceof NodeRefusal)) throw error;
        failures.push(`  - ${connection.label}: ${error.message}`);
      }
    }
    if (wrongChain !== undefined && failures.length === 1) throw wrongChain;
    throw new CutoverError('CUT-2030', {
      network: describeNetwork(network),
      list: failures.length === 0 ? '  - none is configured' : failures.join('\n'),
    });
  };

  let current = await next([]);
  const ask = async (method: string, params: readonly unknown[]): Promise<RpcAnswer> => {
    const failures: string[] = [];
    for (;;) {
      const used = current;
      try {
        return { kind: 'value', value: (await used.provider.send(method, [...params])) as unknown };
      } catch (error) {
        if (error instanceof NodeRefusal) {
          const { code, message, data } = error;
          return { kind: 'refused', code, message, ...(data === undefined ? {} : { data }) };
        }
        if (!(error instanceof Unreachable)) throw error;
        failures.push(`  - ${used.label}: ${error.message}`);
        // Another question may have moved on already.
        if (used === current) current = await next(failures);
      }
    }
  };
  return {
    network,
    ask,
    send: async <T>(method: string, params: readonly unknown[]): Promise<T> => {
      const answer = await ask(method, params);
      if (answer.kind === 'value') return answer.value as T;
      throw new CutoverError('CUT-2032', { endpoint: current.label, method, message: answer.message });
    },
  };
}

async function open(endpoint: Endpoint, network: NetworkRef, timeoutMs: number): Promise<Connection> {
  const secret = typeof endpoint.url === 'string' ? undefined : endpoint.url;
  const url = typeof endpoint.url === 'string' ? endpoint.url : (await readSecret(endpoint.url)).trim();
  const label = secret === undefined ? originOf(url) : `${originOf(url)} (${describeSecret(secret)})`;
  return { label, provider: new EndpointProvider(url, Network.from(network.chainId), timeoutMs) };
}

/** Paths, queries and user names of endpoints carry keys. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'an endpoint that is not a URL';
}
