import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import type { FoundationNames } from './foundation.ts';

/** Where a stack's state is kept, and what encrypts the secrets in it. */
export interface Backend {
  readonly url: string;
  readonly secrets: string;
}

/** The URLs for the Pulumi CLI. `endpoint` stands in for AWS; without one it is AWS itself. */
export function backendOf(
  { stateBucket, stateKey }: Pick<FoundationNames, 'stateBucket' | 'stateKey'>,
  region: string,
  endpoint: string | undefined,
): Backend {
  const elsewhere = endpoint === undefined ? '' : `&endpoint=${endpoint}`;
  return {
    url: `s3://${stateBucket}?region=${region}${elsewhere}${endpoint === undefined ? '' : '&s3ForcePathStyle=true'}`,
    secrets: `awskms://${stateKey}?region=${region}${elsewhere}`,
  };
}

/**
 * Signs the Pulumi CLI in to the bucket, makes the stack there if there is none, and writes into the stack's file which
 * key its secrets are encrypted with. SIDE EFFECTS: the CLI's login, a state, two lines of the stack's file.
 */
export async function openStack(
  stack: string,
  backend: Backend,
  outer: NodeJS.ProcessEnv,
  folder: string,
): Promise<{ readonly made: boolean; readonly written: boolean }> {
  const env = { ...outer, PULUMI_BACKEND_URL: backend.url };
  // In a folder of its own: the CLI would write the stack's file anew, without its comments.
  const room = await mkdtemp(join(tmpdir(), 'cutover-bootstrap-'));
  try {
    await writeFile(join(room, 'Pulumi.yaml'), 'name: cutover\nruntime: nodejs\n');
    const pulumi = (deed: string, ...args: string[]): Promise<string> => runPulumi(deed, args, env, room);
    await pulumi('sign in', 'login', backend.url);
    const listed = JSON.parse(await pulumi('list stacks', 'stack', 'ls', '--json')) as { name: string }[];
    const made = !listed.some(({ name }) => name === stack);
    if (made) {
      await pulumi(
        'make the stack',
        'stack',
        'init',
        stack,
        '--no-select',
        '--secrets-provider',
        backend.secrets,
      );
    }
    const exported = JSON.parse(
      await pulumi('read the state', 'stack', 'export', '--stack', stack),
    ) as Exported;
    const { url, encryptedkey } = exported.deployment.secrets_providers?.state ?? {};
    if (url === undefined || encryptedkey === undefined) {
      const lines = '  the state says nothing of a key of AWS; its secrets are encrypted otherwise';
      throw new CutoverError('CUT-5478', { deed: 'tell the key of the stack', lines });
    }
    const file = join(folder, `Pulumi.${stack}.yaml`);
    const before = await readFile(file, 'utf8');
    const after = withKey(before, url, encryptedkey);
    if (after !== before) await writeFileAtomic(file, after);
    return { made, written: after !== before };
  } finally {
    await rm(room, { recursive: true, force: true });
  }
}

/** The text of a stack's file with the key that its secrets are encrypted with. The key itself is encrypted by KMS. */
export function withKey(text: string, url: string, encryptedKey: string): string {
  const lines = text.split('\n').filter((line) => !/^(secretsprovider|encryptedkey):/.test(line));
  return `${lines.join('\n').trimEnd()}\n\nsecretsprovider: ${url}\nencryptedkey: ${encryptedKey}\n`;
}

interface Exported {
  readonly deployment: {
    readonly secrets_providers?: {
      readonly state?: { readonly url?: string; readonly encryptedkey?: string };
    };
  };
}

function runPulumi(
  deed: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<string> {
  const options = { env, cwd, maxBuffer: 1 << 28, timeout: 120_000 };
  return new Promise((resolve, reject) => {
    execFile('pulumi', [...args, '--non-interactive'], options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const said = stderr.trim() || error.message.split('\n')[0];
      reject(new CutoverError('CUT-5478', { deed, lines: `  ${said?.replaceAll('\n', '\n  ')}` }));
    });
  });
}
