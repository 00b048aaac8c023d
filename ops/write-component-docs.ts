import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { fromRoot } from '@cutover/base/project.ts';
import { COMPONENT_DOCS, componentPages } from './component-pages.ts';

// Run after a change of what components/ tells its users: `node ops/write-component-docs.ts`. A test fails while the
// pages lag behind.
const pages = await componentPages();
await mkdir(fromRoot(COMPONENT_DOCS), { recursive: true });
for (const [file, text] of pages) await writeFileAtomic(fromRoot(file), text);
for (const name of await readdir(fromRoot(COMPONENT_DOCS))) {
  if (!pages.has(`${COMPONENT_DOCS}/${name}`)) await rm(fromRoot(join(COMPONENT_DOCS, name)));
}
process.stdout.write(`${COMPONENT_DOCS} is current: ${pages.size} pages.\n`);
