import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '@cutover/base/project.ts';
import { POLICY_PAGE, withPolicyTable } from '../../ops/policy-page.ts';
import { rules } from '../../policy/rules.ts';

describe('the page of policies', () => {
  const page = readFileSync(fromRoot(POLICY_PAGE), 'utf8');

  it('is current; node ops/write-policy-page.ts makes it so', () => {
    expect(page).toBe(withPolicyTable(page));
  });

  it('tells of every policy what it wants, an example of each kind, and how to mend it', () => {
    for (const { id, wants } of rules) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${id}\``));
      expect(row?.split(' | ')).toHaveLength(5);
      expect(row).toContain(wants);
      expect(row).not.toMatch(/\| *\|/);
    }
  });

  it('is refused when it has no place for the table', () => {
    expect(() => withPolicyTable('# Policies')).toThrow(/CUT-5462/);
  });
});
