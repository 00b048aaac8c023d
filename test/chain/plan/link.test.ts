import { describe, expect, it } from 'vitest';
import { hashedPlaceholder, link } from '@cutover/chain/plan/link.ts';

const library = '0x5FbDB2315678afecb367f032d93F642f64180aa3';
const digits = library.slice(2).toLowerCase();
const hashed = hashedPlaceholder('src/Rates.sol:Rates');
const references = { 'src/Rates.sol': { Rates: [{ start: 2, length: 20 }] } };

describe('linking', () => {
  it('fills the compiler’s places, by short or full name', () => {
    for (const name of ['Rates', 'src/Rates.sol:Rates']) {
      expect(link(`0x6073${hashed}00`, references, { [name]: library })).toEqual({
        kind: 'linked',
        code: `0x6073${digits}00`,
      });
    }
  });

  it('names what is missing by its full name', () => {
    expect(link(`0x6073${hashed}00`, references, {})).toEqual({
      kind: 'unlinked',
      missing: ['src/Rates.sol:Rates'],
    });
  });

  it('finds the placeholder of a full name where there is no table', () => {
    expect(link(`0x73${hashed}`, {}, { 'src/Rates.sol:Rates': library })).toEqual({
      kind: 'linked',
      code: `0x73${digits}`,
    });
    expect(link(`0x73${hashed}`, {}, {})).toEqual({
      kind: 'unlinked',
      missing: [hashed.replaceAll('__', '')],
    });
  });

  it('knows the placeholders of solc before 0.5', () => {
    const old = '__Rates'.padEnd(40, '_');
    expect(link(`0x73${old}00`, {}, {})).toEqual({ kind: 'unlinked', missing: ['Rates'] });
  });

  it('leaves code without libraries alone', () => {
    expect(link('0x6000', {}, {})).toEqual({ kind: 'linked', code: '0x6000' });
  });
});
