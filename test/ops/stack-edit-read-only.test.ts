import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';
import { pauseKeys } from '../../infra/pauses.ts';
import { setStackValue } from '../../ops/stack-edit.ts';
import { refusal } from '../chain/refusal.ts';
import { configOf } from '../infra/config-kit.ts';

// Permissions do not hold for root, as whom tests may run.
vi.mock('@cutover/base/atomic-file.ts', () => ({
  writeFileAtomic: () => Promise.reject(new Error('EROFS: read-only file system')),
}));

it('a stack file that cannot be written is told with what belongs there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-read-only-'));
  try {
    const text = readFileSync(join(projectRoot, 'Pulumi.dev.yaml'), 'utf8');
    writeFileSync(join(folder, 'Pulumi.dev.yaml'), text);
    const key = pauseKeys(configOf('dev'))['gemforce'];
    const error = await refusal(setStackValue('dev', key?.path ?? [], true, folder));
    expect(error).toMatchObject({ code: 'CUT-5118', exit: 1 });
    expect(error.message).toContain('Pulumi.dev.yaml cannot be written: EROFS: read-only file system');
    expect(error.message).toContain(`\`true\` belongs there at cutover:${key?.path.join('.')}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
