import { describe, expect, it } from 'vitest';
import {
  fullCompilerVersion,
  inputFromMetadata,
  readStandardInput,
  withLibraries,
} from '@cutover/chain/plan/verification/compiler-input.ts';

const input = {
  language: 'Solidity',
  sources: { 'a.sol': { content: 'contract A {}' } },
  settings: { optimizer: { enabled: true, runs: 3 }, remappings: ['x=y'] },
};
const address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';

describe("a compiler's input", () => {
  it('is read with all that decides about the code, and nothing else', () => {
    const read = readStandardInput({
      ...input,
      auxiliaryInput: {},
      sources: { 'a.sol': { content: 'x', ast: {} } },
    });
    expect(read).toMatchObject({ language: 'Solidity', settings: input.settings });
    expect(read?.sources).toEqual({ 'a.sol': { content: 'x' } });
    expect(Object.keys(read ?? {})).toEqual(['language', 'sources', 'settings']);
  });

  it.each([
    undefined,
    null,
    'text',
    {},
    { ...input, language: 1 },
    { ...input, sources: {} },
    { ...input, sources: { 'a.sol': { urls: ['a.sol'] } } },
    { ...input, settings: [] },
  ])('is none: %j', (value) => {
    expect(readStandardInput(value)).toBeUndefined();
  });

  it('gets the libraries of a deployment under the names of their sources', () => {
    const references = { 'b.sol': { Rates: [{ start: 1, length: 20 }] }, 'c.sol': { Rates: [], Other: [] } };
    const read = readStandardInput({ ...input, settings: { libraries: { 'b.sol': { Old: '0x1' } } } });
    const linked = withLibraries(read ?? input, references, { 'c.sol:Rates': '0x2', Rates: address });
    expect(linked.settings['libraries']).toEqual({
      'b.sol': { Old: '0x1', Rates: address },
      'c.sol': { Rates: '0x2' },
    });
    expect(read?.settings['libraries']).toEqual({ 'b.sol': { Old: '0x1' } });
  });

  it('stays as it is where nothing was linked', () => {
    expect(withLibraries(input, {}, {})).toBe(input);
    expect(withLibraries(input, {}, { 'b.sol:Rates': address }).settings['libraries']).toEqual({
      'b.sol': { Rates: address },
    });
  });

  it('is made from metadata: no target, libraries in the form of the input', () => {
    const metadata = {
      language: 'Solidity',
      settings: {
        ...input.settings,
        compilationTarget: { 'a.sol': 'A' },
        libraries: { 'lib:odd/b.sol:Rates': address },
      },
    };
    const made = inputFromMetadata(metadata, { 'a.sol': 'x' });
    expect(made).toMatchObject({ sources: { 'a.sol': { content: 'x' } }, settings: input.settings });
    expect(made?.settings['libraries']).toEqual({ 'lib:odd/b.sol': { Rates: address } });
    expect(made?.settings).not.toHaveProperty('compilationTarget');
    expect(inputFromMetadata({}, {})).toBeUndefined();
  });
});

describe("a compiler's version", () => {
  it.each([
    ['0.8.37+commit.f401782d', '0.8.37+commit.f401782d'],
    ['v0.8.37+commit.f401782d', '0.8.37+commit.f401782d'],
    ['0.8.37+commit.f401782d.Emscripten.clang', '0.8.37+commit.f401782d'],
    ['0.8.37+commit.f401782d.Linux.g++', '0.8.37+commit.f401782d'],
    ['0.8.37', undefined],
    ['0.8.38-nightly.2026.1.1+commit.f401782d', undefined],
    [undefined, undefined],
  ])('%s is known as %s', (given, full) => {
    expect(fullCompilerVersion(given)).toBe(full);
  });
});
