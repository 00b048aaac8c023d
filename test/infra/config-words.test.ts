import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from '../../infra/config/nearest.ts';
import { findSecret } from '@cutover/base/secret-looking.ts';
import { describeValue, inline, showPath } from '../../infra/config/show.ts';
import { parse } from 'yaml';

describe('the nearest word', () => {
  const known = ['chainId', 'confirmations', 'endpoints', 'kind', 'kms', 'ssm', 'memoryGb', 'prod'];
  it.each([
    ['chain_id', 'chainId'],
    ['ChainID', 'chainId'],
    ['endpionts', 'endpoints'],
    ['confirmation', 'confirmations'],
    ['knid', 'kind'],
    ['ksm', 'kms'],
    ['memory', 'memoryGb'],
    ['production', 'prod'],
    ['timeout', undefined],
    ['x', undefined],
    ['', undefined],
  ])('%s is meant to be %s', (word, meant) => {
    expect(nearest(word, known)).toBe(meant);
  });

  it('is none where nothing is known', () => {
    expect(nearest('word', [])).toBeUndefined();
  });
});

describe('the distance of two words', () => {
  const word = fc.string({ maxLength: 12 });
  it('is a count of edits', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });

  it.each([
    ['', 'abc', 3],
    ['network', 'netwrok', 1],
    ['kitten', 'sitting', 3],
  ])('from %s to %s is %d', (from, to, edits) => {
    expect(editDistance(from, to)).toBe(edits);
  });
});

describe('what looks like a secret', () => {
  it.each([
    ['0x' + '1f'.repeat(32), 'a private key'],
    ['A'.repeat(64), 'a private key'],
    ['5'.repeat(88), 'a private key'],
    [JSON.stringify(Array.from({ length: 64 }, (_, byte) => byte)), 'a private key'],
    ['-----BEGIN EC PRIVATE KEY-----\nMHc', 'a private key'],
    ['test test test test test test test test test test test junk', 'a recovery phrase'],
    ['AKIAIOSFODNN7EXAMPLE', 'an AWS access key'],
    ['https://user:pass@rpc.example.com', 'a user or password'],
    ['https://rpc.example.com/?apikey=abc', 'a key'],
    ['wss://eth-mainnet.g.alchemy.com/v2/abcDEF0123456789ghiJKL', 'a key'],
    ['https://long-name.quiknode.pro/0123456789abcdef0123456789abcdef01234567/', 'a key'],
  ])('%s is %s', (text, kind) => {
    expect(findSecret(text)).toBe(kind);
  });

  it.each([
    'https://ethereum-rpc.publicnode.com',
    'https://polygon-amoy-bor-rpc.publicnode.com/path',
    'https://api.mainnet-beta.solana.com',
    '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
    '/gemforce/prod/parse/master-key',
    'alias/meta-aggregator-prod-escrow-arbiter',
    'a text of a few plain words',
    '',
  ])('%s is not one', (text) => {
    expect(findSecret(text)).toBeUndefined();
  });
});

describe('values as they are shown', () => {
  it('are YAML that reads back as it was', () => {
    const plain = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constantFrom('no', '1e3', '0x10', 'a: b', '~', '.5', '.inf', './data', '../data'),
    );
    const value = fc.oneof(
      plain,
      fc.array(plain),
      fc.dictionary(fc.string({ minLength: 1 }), plain, { noNullPrototype: true }),
    );
    fc.assert(
      fc.property(value, (each) => {
        expect(parse(inline(each))).toEqual(each);
      }),
    );
  });

  it.each([
    [null, 'empty'],
    ['', '""'],
    ['x'.repeat(80), `"${'x'.repeat(57)}…"`],
    [[], 'an empty list'],
    [{ a: 1 }, 'a block of keys'],
    [12n, '12'],
    ['f'.repeat(64), 'a secret (not shown)'],
  ])('are described in words (%#)', (value, text) => {
    expect(describeValue(value)).toBe(text);
  });

  it.each([
    [['networks', 'ethereum', 'endpoints', 1, 'weight'], 'cutover:networks.ethereum.endpoints[1].weight'],
    [['aws:region'], 'aws:region'],
    [['signers', 'Main Net'], 'cutover:signers["Main Net"]'],
    [['two words'], '"two words"'],
  ])('%j is a path', (path, text) => {
    expect(showPath(path)).toBe(text);
  });
});
