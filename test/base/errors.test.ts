import { describe, expect, it } from 'vitest';
import { catalogue, CutoverError, type CatalogueEntry } from '@cutover/base/errors.ts';

const entries = Object.entries<CatalogueEntry>(catalogue);

describe('the catalogue of errors', () => {
  it.each(entries)('%s says what happened and what to do', (_, entry) => {
    expect(entry.what).toMatch(/\S/);
    expect(entry.remedy).toMatch(/\S/);
  });

  it('fills in the details and names those that are missing', () => {
    const error = new CutoverError('CUT-5102', { stack: 'dev', command: './cutover up', pid: 7 });
    expect(error.message).toContain('The dev stack is being changed by another command: ./cutover up (pid 7');
    expect(error.message).toContain('(since not known)');
    expect(error.exit).toBe(3);
  });
});
