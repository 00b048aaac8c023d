import { fromRoot } from '@cutover/base/project.ts';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { SCHEMA_FILE, schemaText } from '../infra/config/json-schema.ts';

// Run after a change of infra/config: `node ops/write-schema.ts`. A test fails while the file lags behind.
await writeFileAtomic(fromRoot(SCHEMA_FILE), schemaText());
process.stdout.write(`${SCHEMA_FILE} is current.\n`);
