import { balancing } from './balancing.ts';
import { containers, plain } from './containers.ts';
import { databases } from './databases.ts';
import { identity } from './identity.ts';
import type { Chapter } from './mistake.ts';
import { names } from './names.ts';
import { network } from './network.ts';
import { buckets, secrets } from './storage.ts';
import { watching } from './watching.ts';

/** Every mistake that the twin is tried with. */
export const chapters: readonly Chapter[] = [
  ...[network, balancing, names, watching, identity, databases, buckets, secrets, containers, plain],
];
