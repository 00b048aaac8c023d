import { describe, expect, it } from 'vitest';
import { readInterfaceFile } from '@cutover/chain/solana/interface-file.ts';
import { refusal } from '../refusal.ts';

describe('an interface file', () => {
  it('is read from the project', async () => {
    const { program } = await readInterfaceFile('chain/programs/perps/interface.json');
    expect(program).toBe('perps');
  });

  it.each([
    ['that is not there', 'chain/programs/perps/interfaces.json', 'ENOENT'],
    ['that is no JSON', 'README.md', 'JSON'],
    ['that is a folder', 'chain/programs/perps', 'EISDIR'],
  ])('%s is refused by its name, with what to do', async (_, file, reason) => {
    const error = await refusal(readInterfaceFile(file));
    expect(error).toMatchObject({ code: 'CUT-2504', exit: 2, details: { file } });
    expect(error.message).toContain(reason);
    expect(error.message).toContain(`git checkout -- ${file}`);
  });
});
