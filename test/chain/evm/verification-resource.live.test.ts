import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

interface Program {
  readonly registered: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly refusals: Readonly<Record<string, string>>;
}

let program: Program;
beforeAll(async () => {
  const script = join(import.meta.dirname, 'verification-program-in-child.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  program = JSON.parse(stdout) as Program;
});

describe('the resource Verification', () => {
  it('is registered with what decides about it, without code, endpoints or keys', () => {
    const { __provider: provider, ...inputs } = program.registered['vault'] ?? {};
    expect(inputs).toMatchObject({
      contracts: [{ contract: 'Vault', creationTransaction: `0x${'ab'.repeat(32)}` }],
      network: { name: 'test', chainId: 84532 },
      explorers: [
        { kind: 'etherscan', apiKey: { kind: 'env', name: 'ETHERSCAN_API_KEY' } },
        { kind: 'sourcify' },
      ],
      patienceSeconds: 60,
    });
    expect(JSON.stringify(inputs)).not.toContain('key-in-the-path');
    expect(JSON.stringify(inputs).length).toBeLessThan(1_500);
    expect(String(provider)).toContain('@cutover/chain/evm/verification-handler.ts');
    expect(String(provider).length).toBeLessThan(2_000);
  });

  it('tells all that is wrong at once, before anything is registered', () => {
    expect(Object.keys(program.registered)).toEqual(['vault']);
    const [first, ...lines] = program.refusals['wrong']?.split('\n') ?? [];
    expect(first).toContain('CUT-2300');
    expect(lines).toHaveLength(6);
    for (const expected of [
      'explorers[2].url: not https',
      'contracts[0].creationTransaction: not the hash',
      'contracts[1]: Vault at',
      'contracts[1].implementation: "nobody" is not an address',
      'patienceSeconds: not a number above 0',
      'fix: Correct the lines above',
    ]) {
      expect(lines.join('\n')).toContain(expected);
    }
  });
});
