import { inProd, wrong, type ResourceRule } from '../rule.ts';
import { statefulTypes } from '../types.ts';
import { at, isThere } from '../values.ts';

export const protectedInProd: ResourceRule = {
  id: 'protected-in-prod',
  looksAt: 'resource',
  wants: 'In prod the engine refuses to delete or replace what keeps data.',
  judge: inProd(({ type, protect, props }) =>
    statefulTypes.has(type) && !protect && !isThere(at(props, 'replicateSourceDb'))
      ? [wrong('the engine may delete it', 'give it statefulOptions(site), or opts.protect: true')]
      : [],
  ),
  passes: { type: 'aws:rds/instance:Instance', props: {}, protect: true },
  fails: { type: 'aws:rds/instance:Instance', props: {} },
};
