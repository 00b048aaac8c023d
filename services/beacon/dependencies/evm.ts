import type { EvmConfig } from '../config.ts';
import { Unhealthy, type ContractState, type Dependency } from './dependency.ts';
import { callNode, RpcError } from './json-rpc.ts';

// First four bytes of keccak-256 of `paused()`, of OpenZeppelin's Pausable.
const PAUSED_SELECTOR = '0x5c975abb';

/** An EVM node: the right chain, its newest block, and each contract's code, pause and balance. */
export function evm(config: EvmConfig, cacheMs: number): Dependency {
  return {
    service: 'Ethereum RPC',
    cacheMs,
    look: async (signal) => {
      const call = (method: string, params: readonly unknown[] = []) =>
        callNode(config.url, method, params, signal);
      const [chain, height, ...contracts] = await Promise.all([
        call('eth_chainId'),
        call('eth_blockNumber'),
        ...config.contracts.map((contract) => readContract(contract, config.currency, call)),
      ]);
      const chainId = Number(chain);
      if (chainId !== config.chainId) {
        throw new Unhealthy(`chain ${chainId} answers, chain ${config.chainId} was expected`);
      }
      const details = { block: Number(height), contracts };
      const missing = contracts.filter(({ status }) => status === 'missing').map(({ name }) => name);
      if (missing.length > 0) throw new Unhealthy(`no code on chain: ${missing.join(', ')}`, details);
      return details;
    },
  };
}

type Call = (method: string, params: readonly unknown[]) => Promise<unknown>;

async function readContract(
  { name, address }: { readonly name: string; readonly address: string },
  currency: string,
  call: Call,
): Promise<ContractState> {
  const [code, balance, paused] = await Promise.all([
    call('eth_getCode', [address, 'latest']),
    call('eth_getBalance', [address, 'latest']),
    isPaused(address, call),
  ]);
  const status = code === '0x' ? 'missing' : paused ? 'paused' : 'active';
  // Fifteen digits are kept, which is more than anyone reads on a status page.
  return { name, address, status, balance: Number(BigInt(String(balance))) / 1e18, currency };
}

/** A contract that cannot be paused reverts or answers nothing: it is not paused. */
async function isPaused(address: string, call: Call): Promise<boolean> {
  try {
    const answer = await call('eth_call', [{ to: address, data: PAUSED_SELECTOR }, 'latest']);
    return typeof answer === 'string' && /^0x0{63}1$/.test(answer);
  } catch (error) {
    if (error instanceof RpcError) return false;
    throw error;
  }
}
