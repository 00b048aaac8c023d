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

  it.each([
    ['a name', 'Rates', '__Rates'.padEnd(40, '_')],
    ['a name with its source', 'src/Rates.sol:Rates', '__src/Rates.sol:Rates'.padEnd(40, '_')],
    [
      'a name that does not fit',
      'contracts/libraries/Calculations.sol:Rates',
      '__contracts/libraries/Calculations.sol__',
    ],
    ['a hash', hashed.slice(2, -2), hashed],
  ])('takes %s under the name that it missed it by', (_, name, placeholder) => {
    const code = `0x73${placeholder}0073${placeholder}`;
    const filled = { kind: 'linked', code: `0x73${digits}0073${digits}` };
    const without = link(code, {}, {});
    const [missing = ''] = without.kind === 'unlinked' ? without.missing : [];
    expect(link(code, {}, { [missing]: library })).toEqual(filled);
    expect(link(code, {}, { [name]: library })).toEqual(filled);
  });

  it('names each that is missing once', () => {
    const [a, b] = ['__A', '__B'].map((each) => each.padEnd(40, '_'));
    expect(link(`0x73${a}73${b}73${a}`, {}, {})).toEqual({ kind: 'unlinked', missing: ['A', 'B'] });
  });

  it('leaves code without libraries alone', () => {
    expect(link('0x6000', {}, {})).toEqual({ kind: 'linked', code: '0x6000' });
  });
});
