import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '@cutover/base/project.ts';

/** The project's version, from package.json. */
export const version = (
  JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string }
).version;
