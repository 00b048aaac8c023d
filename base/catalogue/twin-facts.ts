import type { CatalogueEntry } from '../errors.ts';

/** CUT-5350 to 5359: the table of facts that the twin's strictness comes from. */
export const twinFactsErrors = {
  'CUT-5350': {
    what: 'The packages that tell what AWS allows could not be brought.',
    why: '{why}',
    remedy:
      'See that python3 with pip is on PATH and reaches its package index (pip download cfn-lint), and run the same command again.',
  },
  'CUT-5351': {
    what: 'Not current: {files}.',
    why: 'The SDK, a wheel or the generator changed since that was written.',
    remedy: 'Run `node toolchain/twin-facts/main.ts`, read the difference (git diff), and commit it.',
  },
  'CUT-5352': {
    what: 'The generator of facts does not fit its sources any more.\n{list}',
    why: 'A name in toolchain/twin-facts/names is not in the SDK, in CloudFormation or in the API.',
    remedy: 'Correct or remove the names above.',
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
