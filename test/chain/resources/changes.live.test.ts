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
  const script = join(import.meta.dirname, 'changes-in-child.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  program = JSON.parse(stdout.slice(stdout.indexOf('{"registered"'))) as Program;
}, 120_000);

describe('a prepared proxy', () => {
  it('has an address of its own by stack, title, owner and kind', () => {
    expect(new Set(program.addresses).size).toBe(5);
  });

  it('says itself that it keeps state, so that nothing ever moves it', () => {
    expect(program.registered['savings']?.['keeps']).toBe('state');
    expect(program.registered['savings-implementation']).not.toHaveProperty('keeps');
  });
});

describe('the resource Proxy', () => {
  it('is registered with what plans need of the implementation, and without code', () => {
    const inputs = program.registered['savings-proxy'] ?? {};
    expect(inputs).toMatchObject({
      proxy: program.addresses[0],
      implementation: {
        ...{ contract: 'SavingsUupsV2', uups: true, initializable: true },
        initialize: { function: 'function initialize(address owner_)' },
        migrate: { function: 'function migrate(uint256 fee_)', args: { fee_: '25' } },
        layout: { version: 1 },
      },
    });
    const { __provider: provider, ...rest } = inputs;
    expect(JSON.stringify(rest).length).toBeLessThan(4_000);
    expect(String(provider).length).toBeLessThan(2_000);
  });

  it('takes an implementation by its address, and a proxy that is known later', () => {
    const { proxy, implementation } = program.registered['later-proxy'] ?? {};
    expect(proxy).toBe(program.addresses[0]);
    expect(Object.keys(implementation as object).toSorted()).toEqual(['address', 'contract']);
  });
});

describe('the resource Call', () => {
  it('asks the contract that it calls, or another one', () => {
    const of = (name: string): unknown =>
      (program.registered[name]?.['postcondition'] as { of?: unknown } | undefined)?.of;
    expect(of('fee')).toBe(program.addresses[0]);
    expect(of('elsewhere')).toBe('0x70997970C51812dc3A010C7d01b50e0d17dc79C8');
    expect(program.registered['fee']).toMatchObject({ again: 'tell', value: '0', args: { fee_: '25' } });
  });
});

describe('resources that are described wrongly', () => {
  it.each([
    ['owner', 'CUT-2344', 'owner is 0x12'],
    ['migration', 'CUT-2346', 'is migrate meant'],
    ['no-proxy', 'CUT-2344', 'proxy is 0x12'],
    ['arguments', 'CUT-2346', 'fee_ = "much"'],
    ['postcondition', 'CUT-2346', 'is fee meant'],
    ['no-roles', 'CUT-2344', 'contract is here'],
    ['no-pause', 'CUT-2344', 'contract is here'],
    ['no-factory', 'CUT-2344', 'factory is here'],
    ['no-admin', 'CUT-2344', 'admin is 0x'],
  ])('are refused before anything is registered: %s', (name, code, words) => {
    expect(program.refusals[name]).toContain(code);
    expect(program.refusals[name]).toContain(words);
    expect(program.registered).not.toHaveProperty(name);
  });
});
