import type { SolanaConfig } from '../config.ts';
import { Unhealthy, type ContractState, type Dependency } from './dependency.ts';
import { callNode } from './json-rpc.ts';

const LAMPORTS_PER_SOL = 1e9;

/** A Solana node: healthy by its own word, its slot, and each program's account. */
export function solana(config: SolanaConfig, cacheMs: number): Dependency {
  return {
    service: 'Solana RPC',
    cacheMs,
    look: async (signal) => {
      const call = (method: string, params: readonly unknown[] = []) =>
        callNode(config.url, method, params, signal);
      const [health, slot, ...contracts] = await Promise.all([
        call('getHealth'),
        call('getSlot'),
        ...config.programs.map((program) => readProgram(program, call)),
      ]);
      if (health !== 'ok') throw new Unhealthy('the node says that it is not healthy');
      const details = { block: Number(slot), contracts };
      const missing = contracts.filter(({ status }) => status === 'missing').map(({ name }) => name);
      if (missing.length > 0) throw new Unhealthy(`no program on chain: ${missing.join(', ')}`, details);
      return details;
    },
  };
}

async function readProgram(
  { name, address }: { readonly name: string; readonly address: string },
  call: (method: string, params: readonly unknown[]) => Promise<unknown>,
): Promise<ContractState> {
  // The program itself is not asked for: it may be ten megabytes.
  const options = { encoding: 'base64', dataSlice: { offset: 0, length: 0 } };
  const answer = await call('getAccountInfo', [address, options]);
  const { value } = answer as { value: { executable?: boolean; lamports?: number } | null };
  return {
    name,
    address,
    status: value?.executable === true ? 'active' : 'missing',
    balance: (value?.lamports ?? 0) / LAMPORTS_PER_SOL,
    currency: 'SOL',
  };
}
