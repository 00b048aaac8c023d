import { CutoverError } from '@cutover/base/errors.ts';
import type { LayoutComparison } from './compare-layouts.ts';
import { printFinding } from './describe-layout.ts';
import { allowanceFor } from './finding.ts';

/**
 * The error that an upgrade is refused with: everything that breaks, but for what `allow` names, each with the text
 * that would allow it. Undefined when the upgrade may go on; what is risky or unknown is for the reviewer to read.
 */
export function layoutRefusal(
  comparison: LayoutComparison,
  allow: readonly string[] = [],
): CutoverError | undefined {
  const refused = comparison.findings.filter(
    (finding) => finding.verdict === 'breaks' && !allow.includes(allowanceFor(finding)),
  );
  if (refused.length === 0) return undefined;
  return new CutoverError('CUT-2150', {
    name: comparison.name,
    count: refused.length,
    list: refused.map((finding) => `  - ${printFinding(finding)}`).join('\n'),
    allowances: refused.map((finding) => `    ${JSON.stringify(allowanceFor(finding))}`).join(',\n'),
  });
}
