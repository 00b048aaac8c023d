import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { complaintOf } from '../../toolchain/npm.ts';
import { foldersOf, holdsAll, workspacesOf, type LockedPackages } from '../../toolchain/packages.ts';

const locked: LockedPackages = {
  '': {},
  base: { version: '0.1.0' },
  'node_modules/@cutover/base': { link: true },
  'node_modules/zod': { version: '4.0.0', integrity: 'sha512-zod' },
  'node_modules/for-macos': { version: '1.0.0', integrity: 'sha512-mac', optional: true },
};
const { 'node_modules/for-macos': _absent, ...installed } = locked;

describe('whether node_modules holds what the lock file names', () => {
  it('does not miss packages for other systems', () => {
    expect(holdsAll(installed, locked)).toBe(true);
    expect(holdsAll(locked, locked)).toBe(true);
  });

  it.each<[string, LockedPackages]>([
    ['a package is missing', { '': {} }],
    [
      'a version is another',
      { ...installed, 'node_modules/zod': { version: '4.0.1', integrity: 'sha512-zod' } },
    ],
    [
      'a content is another',
      { ...installed, 'node_modules/zod': { version: '4.0.0', integrity: 'sha512-evil' } },
    ],
    ['there is one too many', { ...installed, 'node_modules/left-pad': { version: '1.0.0' } }],
  ])('does not when %s', (_, tree) => {
    expect(holdsAll(tree, locked)).toBe(false);
  });

  it('sees every single change of a tree', () => {
    const trees = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,8}$/).map((name) => `node_modules/${name}`),
      fc.record({ version: fc.stringMatching(/^\d\.\d$/), integrity: fc.base64String({ minLength: 4 }) }),
      { minKeys: 1 },
    );
    fc.assert(
      fc.property(trees, fc.nat(), (tree, choice) => {
        expect(holdsAll(tree, tree)).toBe(true);
        const names = Object.keys(tree);
        const name = names[choice % names.length] ?? '';
        const { [name]: _gone, ...without } = tree;
        expect(holdsAll(without, tree)).toBe(false);
        expect(holdsAll(tree, without)).toBe(false);
        expect(holdsAll({ ...tree, [name]: { version: 'other' } }, tree)).toBe(false);
      }),
    );
  });
});

describe('what npm complained of', () => {
  it('leaves out the options that npm lists, and where its log is', () => {
    const said = [
      'npm error code EUSAGE',
      'npm error',
      'npm error Missing: x@1 from lock file',
      'npm error Clean install a project',
      'npm error   --install-links',
      'npm error A complete log of this run can be found in: /root/.npm/_logs/x.log',
    ].join('\n');
    expect(complaintOf(said)).toBe('  npm error code EUSAGE\n  npm error Missing: x@1 from lock file');
  });

  it('says below a certificate that is not known what to do about it', () => {
    const said = 'npm error code SELF_SIGNED_CERT_IN_CHAIN\nnpm error request to x failed';
    expect(complaintOf(said)).toMatch(
      /^ {2}npm error code SELF.*\n.*\n {2}Something on the way.*NODE_EXTRA_CA_CERTS=FILE/,
    );
    expect(complaintOf('npm error code ETARGET')).toBe('  npm error code ETARGET');
  });
});

describe('the folders of a tree', () => {
  const tree: LockedPackages = {
    'node_modules/a': {},
    'node_modules/a/node_modules/b': {},
    'delivery/node_modules/c': {},
    'services/parse/node_modules/@d/e': {},
    delivery: {},
    '': {},
  };

  it('are the project’s and those of workspaces, not those of packages', () => {
    expect(foldersOf(tree)).toEqual(['node_modules', 'delivery/node_modules', 'services/parse/node_modules']);
    expect(workspacesOf(tree)).toEqual(['delivery']);
  });
});
