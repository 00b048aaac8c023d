import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { fromRoot } from '@cutover/base/project.ts';
import { POLICY_PAGE, withPolicyTable } from './policy-page.ts';

// Run after a change of policy/rules: `node ops/write-policy-page.ts`. A test fails while the page lags behind.
const page = fromRoot(POLICY_PAGE);
await writeFileAtomic(page, withPolicyTable(await readFile(page, 'utf8')));
process.stdout.write(`${POLICY_PAGE} is current.\n`);
