import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CutoverError } from '@cutover/base/errors.ts';
import { forkTable } from '@cutover/chain/plan/fork-table.ts';
import {
  evmVersionProblem,
  forksAt,
  forkWarnings,
  headOf,
  requireEvmVersion,
  rulesAt,
  type Head,
} from '@cutover/chain/plan/forks.ts';

const headAt = (time: number, number = 20_000_000): Head => ({
  number,
  time,
  gasLimit: 60_000_000n,
  baseFee: 1n,
  shows: 'london',
});
const named = (chainId: number, head: Head): readonly string[] =>
  forksAt(chainId, head).active.map(({ name }) => name);
const block = { number: '0x64', timestamp: '0x6920f000', gasLimit: '0x3938700' };

describe('the table of forks', () => {
  it.each(Object.keys(forkTable).map(Number))('of chain %s is in order, blocks before times', (chainId) => {
    const { forks } = forkTable[chainId] ?? { forks: [] };
    const places = forks.map(({ at }) => ('block' in at ? at.block : 1e9 + at.time));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(forks.length).toBeGreaterThan(5);
  });

  it('knows when Ethereum forked', () => {
    const [london, shanghai, cancun, prague, osaka] = ['London', 'Shanghai', 'Cancun', 'Prague', 'Osaka'].map(
      (name) => forkTable[1]?.forks.find((fork) => fork.name === name)?.at,
    );
    expect(london).toEqual({ block: 12_965_000 });
    const dates = [shanghai, cancun, prague, osaka].map((at) =>
      at !== undefined && 'time' in at ? new Date(at.time * 1000).toISOString() : at,
    );
    expect(dates).toEqual([
      '2023-04-12T22:27:35.000Z',
      '2024-03-13T13:55:35.000Z',
      '2025-05-07T10:05:11.000Z',
      '2025-12-03T21:49:11.000Z',
    ]);
  });
});

describe('forks', () => {
  it('are active from their block or second on', () => {
    expect(named(1, headAt(1_764_798_550))).not.toContain('Osaka');
    expect(named(1, headAt(1_764_798_551))).toContain('Osaka');
    expect(named(1, headAt(1, 12_964_999))).not.toContain('London');
    expect(named(1, headAt(1, 12_965_000))).toContain('London');
  });

  it('that are to come are told, the next one first', () => {
    const { upcoming } = forksAt(1, headAt(1_764_798_551 - 3600));
    expect(upcoming.map(({ fork, inSeconds }) => [fork.name, inSeconds])).toEqual([
      ['Osaka', 3_600],
      ['BPO1', 495_120],
      ['BPO2', 2_952_720],
    ]);
  });

  it('of unknown chains are not known', () => {
    expect(forksAt(999, headAt(1_800_000_000))).toEqual({ known: false, active: [], upcoming: [] });
  });

  it('are either active or to come, whatever the head', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(forkTable).map(Number)),
        fc.nat(100_000_000),
        fc.nat(2_000_000_000),
        (chainId, number, time) => {
          const { active, upcoming } = forksAt(chainId, { number, time });
          expect(active.length + upcoming.length).toBe(forkTable[chainId]?.forks.length);
          expect(upcoming.every(({ inSeconds }) => inSeconds > 0)).toBe(true);
        },
      ),
    );
  });
});

describe('a warning', () => {
  const sepolia = { name: 'sepolia', chainId: 11155111 };
  const amsterdam = 1_791_294_816;

  it('comes within a week of a fork, and says what changes', () => {
    expect(forkWarnings(sepolia, headAt(amsterdam - 3 * 86_400))).toEqual([
      'sepolia (chain 11155111) has its fork Amsterdam in 3 days, at 2026-10-06 13:53:36 UTC: creating state, so deploying too, costs several times the gas (EIP-8037)',
    ]);
    expect(forkWarnings(sepolia, headAt(amsterdam - 5 * 3600))[0]).toContain('in 5 h');
    expect(forkWarnings(sepolia, headAt(amsterdam - 90))[0]).toContain('in 2 min');
    expect(forkWarnings(sepolia, headAt(amsterdam - 8 * 86_400))).toEqual([]);
    expect(forkWarnings(sepolia, headAt(amsterdam))).toEqual([]);
  });

  it('counts blocks where a fork has a block number', () => {
    const amoy = { name: 'polygon-amoy', chainId: 80002 };
    expect(forkWarnings(amoy, headAt(1, 40_776_000 - 7_200))).toEqual([
      'polygon-amoy (chain 80002) has its fork Valencia in 2 h, at block 40776000',
    ]);
  });
});

describe('the rules of a chain', () => {
  it.each([
    ['Ethereum before London', 1, headAt(1, 12_000_000), 'berlin', 2n ** 64n - 1n],
    ['Ethereum before Osaka', 1, headAt(1_764_798_550), 'prague', 2n ** 64n - 1n],
    ['Ethereum', 1, headAt(1_764_798_551), 'osaka', 16_777_216n],
    ['Sepolia after Amsterdam', 11155111, headAt(1_791_294_816), 'amsterdam', 2n ** 32n - 1n],
    ['Base', 8453, headAt(1_779_991_200), 'osaka', 16_777_216n],
    ['Base before Azul', 8453, headAt(1_779_991_199), 'prague', 2n ** 64n - 1n],
    ['Polygon', 137, headAt(1_793_000_000, 90_000_000), 'osaka', 33_554_432n],
  ] as const)('%s', (_, chainId, head, evm, cap) => {
    const shown = evm === 'berlin' ? ({ ...head, baseFee: undefined, shows: 'berlin' } as const) : head;
    const rules = rulesAt(chainId, shown);
    expect(rules).toMatchObject({ evm, transactionGasCap: cap, certain: true, eip1559: evm !== 'berlin' });
  });

  it('limit creation code from Shanghai and know blobs from Cancun on', () => {
    const at = (time: number): readonly boolean[] => {
      const { limitsInitCode, blobs } = rulesAt(1, headAt(time));
      return [limitsInitCode, blobs];
    };
    expect([at(1_681_338_454), at(1_681_338_455), at(1_710_338_135)]).toEqual([
      [false, false],
      [true, false],
      [true, true],
    ]);
  });

  it('ask for a tip of 25 gwei on Polygon', () => {
    expect([137, 80002, 1].map((chainId) => rulesAt(chainId, headAt(1)).minimumTip)).toEqual([
      25_000_000_000n,
      25_000_000_000n,
      undefined,
    ]);
  });

  it('of unknown chains are what the head block shows', () => {
    const head = headOf({ ...block, baseFeePerGas: '0x7', withdrawalsRoot: '0x00' });
    expect(head).toEqual({
      number: 100,
      time: 0x6920f000,
      gasLimit: 60_000_000n,
      baseFee: 7n,
      shows: 'shanghai',
    });
    if (head === undefined) return;
    expect(rulesAt(999, head)).toMatchObject({
      eip1559: true,
      evm: 'shanghai',
      certain: false,
      transactionGasCap: 16_777_216n,
    });
    const old = headOf(block);
    expect(old === undefined ? undefined : rulesAt(999, old).eip1559).toBe(false);
  });

  it.each([
    ['parentBeaconBlockRoot', 'cancun'],
    ['requestsHash', 'prague'],
    ['blockAccessListHash', 'amsterdam'],
  ])('follow a block with %s to %s, though the table does not know it', (field, evm) => {
    const head = headOf({ ...block, baseFeePerGas: '0x7', [field]: '0x00' });
    expect(head === undefined ? undefined : rulesAt(1, { ...head, time: 1, number: 1 }).evm).toBe(evm);
  });

  it('tell proof of stake by the difficulty that a block does not have', () => {
    const shown = ['0x0', '0x2'].map(
      (difficulty) => headOf({ ...block, baseFeePerGas: '0x7', difficulty })?.shows,
    );
    expect(shown).toEqual(['paris', 'london']);
  });

  it('are not made of what is no block', () => {
    fc.assert(
      fc.property(fc.anything(), (anything) => {
        const head = headOf(anything);
        if (head !== undefined) expect(typeof head.gasLimit).toBe('bigint');
      }),
    );
    expect([null, undefined, 7, {}, { ...block, number: null }].map(headOf)).toEqual(
      Array(5).fill(undefined),
    );
  });
});

describe('code', () => {
  const prague = { evm: 'prague', certain: true } as const;

  it('that is compiled for what the chain has is taken', () => {
    expect(['london', 'cancun', 'prague'].map((version) => evmVersionProblem(version, prague))).toEqual(
      Array(3).fill(undefined),
    );
  });

  it('that is compiled for what the chain does not have yet is refused, with the reason', () => {
    expect(evmVersionProblem('osaka', prague)).toBe(
      'it is compiled for osaka, and the newest that the chain has is prague; such code may use CLZ',
    );
    expect(evmVersionProblem('cancun', { evm: 'paris', certain: true })).toContain(
      'PUSH0, MCOPY and transient storage',
    );
    expect(evmVersionProblem('next', prague)).toBe('there is no EVM version next');
  });

  it('is not refused where it is not known what the chain has', () => {
    expect(evmVersionProblem('osaka', { evm: 'prague', certain: false })).toBeUndefined();
  });

  it('is refused before anything is sent', () => {
    const ethereum = { name: 'ethereum', chainId: 1 };
    const refused = (version: string) => (): void =>
      requireEvmVersion(ethereum, 'Vault', version, rulesAt(1, headAt(1_764_798_550)));
    expect(refused('osaka')).toThrow(CutoverError);
    expect(refused('osaka')).toThrow(
      /CUT-2034 Vault cannot run on ethereum \(chain 1\)[^]*Compile it for prague/,
    );
    expect(refused('prague')).not.toThrow();
    expect(refused('next')).toThrow(/there is no EVM version next/);
  });

  it('is not refused where the artefact or the chain does not tell', () => {
    const ethereum = { name: 'ethereum', chainId: 1 };
    expect(() => {
      requireEvmVersion(ethereum, 'Vault', undefined, { evm: 'paris', certain: true });
      requireEvmVersion(ethereum, 'Vault', 'osaka', {});
    }).not.toThrow();
  });

  it('for a local node is held against what its blocks show, as far as they do', () => {
    const shanghai = headOf({ ...block, baseFeePerGas: '0x7', withdrawalsRoot: '0x00' });
    const newest = headOf({ ...block, baseFeePerGas: '0x7', requestsHash: '0x00' });
    if (shanghai === undefined || newest === undefined) throw new Error('no head');
    expect(evmVersionProblem('cancun', rulesAt(31337, shanghai))).toContain('MCOPY');
    expect(evmVersionProblem('osaka', rulesAt(31337, newest))).toBeUndefined();
  });
});
