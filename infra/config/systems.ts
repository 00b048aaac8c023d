import { z } from 'zod';
import { coinestateSchema } from './coinestate.ts';
import { about } from './fields.ts';
import { gemforceSchema } from './gemforce.ts';
import { godarkSchema } from './godark.ts';
import { metaAggregatorSchema } from './meta-aggregator.ts';
import { sop138Schema } from './sop-138.ts';

/** The five systems. A sixth is one file beside these, one line here and one block in each stack file. */
export const systemsSchema = about(
  z.strictObject({
    gemforce: gemforceSchema,
    godark: godarkSchema,
    metaAggregator: metaAggregatorSchema,
    sop138: sop138Schema,
    coinestate: coinestateSchema,
  }),
  'The five systems.',
);

/** How each system is named in paths of the parameter store and in host names. */
export const systemSlugs = {
  gemforce: 'gemforce',
  godark: 'godark',
  metaAggregator: 'meta-aggregator',
  sop138: 'sop-138',
  coinestate: 'coinestate',
} as const satisfies Record<keyof z.output<typeof systemsSchema>, string>;
