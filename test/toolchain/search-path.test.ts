import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAtLeast, versionIn } from '../../toolchain/search-path.ts';

describe('versions', () => {
  it.each([
    ['v3.250.0', [3, 250, 0]],
    ['db version v8.2.6\nBuild Info: {}', [8, 2, 6]],
    ['go version go1.26.8 linux/amd64', [1, 26, 8]],
    ['Python 3.11', [3, 11, 0]],
    ['3.251.0-dev.1', [3, 251, 0]],
  ])('are found in %j', (text, version) => {
    expect(versionIn(text)).toEqual(version);
  });

  it('are not found where there is none', () => {
    expect(versionIn('command not found')).toBeUndefined();
  });

  it.each([
    [[3, 250, 0], [3, 250], true],
    [[3, 251], [3, 250], true],
    [[4, 0], [3, 250], true],
    [[3, 99, 9], [3, 250], false],
    [[7], [7, 0], true],
  ])('%j is at least %j: %s', (version, least, expected) => {
    expect(isAtLeast(version, least)).toBe(expected);
  });

  it('are in a total order', () => {
    const versions = fc.array(fc.nat({ max: 3 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(versions, versions, (a, b) => {
        expect(isAtLeast(a, a)).toBe(true);
        expect(isAtLeast(a, b) || isAtLeast(b, a)).toBe(true);
        expect(isAtLeast(a, b) && isAtLeast(b, a)).toBe(a.join() === b.join());
      }),
    );
  });
});
