import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { done, makeClone, type Clone } from './clone.ts';
import { statusOf } from './inspect.ts';

let clone: Clone;
beforeAll(async () => {
  clone = await makeClone('plain');
});
const passphraseOf = (of: Clone): string => join(of.folder, '.cutover', 'passphrase');
// The launcher takes the stack down with the passphrase that it was made with.
afterAll(() => clone.remove({ env: { PULUMI_CONFIG_PASSPHRASE_FILE: passphraseOf(clone) } }));

it('pulumi up -s dev works without the launcher, with a PATH that holds the CLI and Node alone', async () => {
  const bin = join(clone.folder, '.cutover', 'only');
  mkdirSync(bin, { recursive: true });
  for (const name of ['node', 'pulumi', 'pulumi-language-nodejs', 'pulumi-resource-pulumi-nodejs']) {
    symlinkSync(realpathSync(join(clone.folder, '.cutover', 'tools', 'bin', name)), join(bin, name));
  }
  const passphrase = passphraseOf(clone);
  writeFileSync(passphrase, 'any passphrase', { mode: 0o600 });
  const env = {
    PATH: bin,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_BACKEND_URL: undefined,
  };
  const plain = { program: join(bin, 'pulumi'), env };
  done(await clone.run(['stack', 'select', '--create', 'dev'], plain));
  done(await clone.run(['up', '-s', 'dev', '--yes', '--skip-preview', '--non-interactive'], plain));
  expect((await statusOf(clone)).healthy).toBe(true);
  const preview = await clone.run(
    ['preview', '-s', 'dev', '--expect-no-changes', '--non-interactive'],
    plain,
  );
  expect(preview.exit).toBe(0);
});
