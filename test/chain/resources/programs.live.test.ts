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
  const script = join(import.meta.dirname, 'programs-in-child.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  program = JSON.parse(stdout) as Program;
}, 120_000);

describe('the resources of Solana', () => {
  it('are registered with hashes and addresses, small, and without code', () => {
    expect(program.registered['perps']).toMatchObject({
      ...{
        program: program.addresses[0],
        key: { kind: 'local', account: 20 },
        handOver: 'later',
        room: 30_000,
      },
      hash: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    });
    expect(program.registered['lock']).toMatchObject({ close: 'allowed' });
    expect(program.registered['perps']).not.toHaveProperty('close');
    expect(program.registered['governance']?.['program']).toBe(program.addresses[0]);
    expect(program.registered['upgrade']).toMatchObject({ version: 'v2' });
    expect(program.registered['upgrade']).not.toHaveProperty('key');
    for (const { __provider: provider, ...inputs } of Object.values(program.registered)) {
      expect(String(provider)).toContain('@cutover/chain/solana/');
      expect(String(provider).length).toBeLessThan(500);
      expect(JSON.stringify(inputs).length).toBeLessThan(2_000);
    }
  });

  it('keep numbers and bytes as text, since JSON has neither', () => {
    expect(program.registered['rules']).toMatchObject({ initially: { delaySeconds: '172800' } });
    const [instruction] = program.registered['rules']?.['initialize'] as readonly { data: unknown }[];
    expect(typeof instruction?.data).toBe('string');
    expect(program.registered['setting']).toMatchObject({
      ...{ fields: { threshold: '1' }, set: [instruction], signers: [] },
    });
    expect(program.registered['funds']?.['keeps']).toBe('1152921504606846976');
  });

  it('guard the branch on mainnet where nothing is said', () => {
    expect(program.registered['branch']?.['rule']).toEqual({ branch: 'main', clean: true });
  });

  it.each([
    ['second', 'CUT-2526', 'perps and second'],
    ['public-key', 'CUT-2402', 'local account 0'],
    ['nobody', 'CUT-2525', "immutable: 'for ever'"],
    ['nobody-later', 'CUT-2525', 'perps'],
    ['no-lock', 'CUT-2470', 'account is x'],
    ['no-fields', 'CUT-2527', 'fields is empty'],
    ['no-setting', 'CUT-2527', 'fields is empty'],
    ['public-key-sets', 'CUT-2402', 'local account 0'],
  ])('that are described wrongly are refused before anything is registered: %s', (name, code, words) => {
    expect(program.refusals[name]).toContain(code);
    expect(program.refusals[name]).toContain(words);
    expect(program.registered).not.toHaveProperty(name);
  });
});
