import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

interface Program {
  readonly registered: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly refusals: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
}

let program: Program;
beforeAll(async () => {
  const script = join(import.meta.dirname, 'program-in-child.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  program = JSON.parse(stdout) as Program;
});

describe('the resource Contract', () => {
  it('is registered with its address, readable arguments and hashes, and without code', () => {
    const inputs = program.registered['first'] ?? {};
    expect(inputs).toMatchObject({
      contract: 'Vault',
      address: program.addresses[0],
      args: { keeper_: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8', limits_: [] },
    });
    const { __provider: provider, ...rest } = inputs;
    expect(JSON.stringify(rest).length).toBeLessThan(1_500);
    expect(typeof provider).toBe('string');
  });

  it('puts less than 2 kB of provider into the state', () => {
    const provider = String(program.registered['first']?.['__provider']);
    expect(provider.length).toBeLessThan(2_000);
    expect(provider).toContain('@cutover/chain/evm/contract-handler.ts');
  });

  it('has an address of its stack, so that stacks on one chain share nothing', () => {
    expect(new Set(program.addresses).size).toBe(2);
  });

  it('is refused before anything is registered: a second one at the same address, public keys on public chains', () => {
    expect(program.refusals).toEqual({ 'same-address': 'CUT-2023', 'public-key': 'CUT-2040' });
    expect(Object.keys(program.registered)).toEqual(['first', 'own-salt']);
  });
});
