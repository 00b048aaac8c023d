import { createHash, randomBytes } from 'node:crypto';
import { access, link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fromRoot } from '@cutover/base/project.ts';
import { readSecret, type SecretRef } from '@cutover/base/secrets.ts';

/** Whether the file of a secret is missing. Others are not looked at: they are read where they are used. */
export async function isMissing(ref: SecretRef): Promise<boolean> {
  if (ref.kind !== 'file') return false;
  return access(fromRoot(ref.name)).then(
    () => false,
    () => true,
  );
}

/**
 * Reads a secret, and makes it first when its file is not there: 32 random bytes, readable by this user only.
 * SIDE EFFECTS: may write the file.
 */
export async function ensureSecret(ref: SecretRef): Promise<string> {
  if (await isMissing(ref)) await makeSecret(fromRoot(ref.name));
  return readSecret(ref);
}

/** A hash of what the files of secrets hold, so that a change is noticed. It stays in a file of this user's. */
export async function hashSecrets(refs: readonly SecretRef[]): Promise<string> {
  const contents = await Promise.all(
    refs.map(async (ref) =>
      ref.kind !== 'file' ? '' : readFile(fromRoot(ref.name), 'utf8').catch(() => ''),
    ),
  );
  return createHash('sha256').update(contents.join('\0')).digest('hex').slice(0, 16);
}

// Written whole under another name and then linked, so that two at once agree on one, and none is ever half-written.
async function makeSecret(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    await file.writeFile(`${randomBytes(32).toString('base64url')}\n`);
    await file.sync();
    await file.close();
    await link(temporary, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(temporary, { force: true });
  }
}
