import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readLocalState } from '../../ops/stack-state.ts';
import { refusal } from '../chain/refusal.ts';

const folder = mkdtempSync(join(tmpdir(), 'stack-state-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'staging.json');

describe('the state of a stack', () => {
  it('is none where there is no file', async () => {
    expect(await readLocalState('staging', file)).toBeUndefined();
  });

  it.each(['', '{"version":3,"checkpoint":{"latest":{"resources":[{"urn":"urn:pul', 'null', '{}'])(
    'that a full disk has cut off is refused, with where the one before it is: %j',
    async (text) => {
      writeFileSync(file, text);
      const error = await refusal(readLocalState('staging', file));
      expect(error).toMatchObject({ code: 'CUT-5116' });
      expect(error.message).toContain(`${file}.bak`);
    },
  );
});
