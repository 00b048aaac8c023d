import { notKnown, wrong, type ResourceRule } from '../rule.ts';
import { isRegional, taggedTypes } from '../types.ts';
import { at, isThere, or, unknown } from '../values.ts';

/** By them everything of ours is found again: on bills, by alarms, by the search for what a crash has left. */
export const requiredTags = ['System', 'Environment', 'ManagedBy'] as const;

export const tagged: ResourceRule = {
  id: 'required-tags',
  looksAt: 'resource',
  wants: `Whatever can carry tags has ${requiredTags.join(', ')}.`,
  judge: ({ type, props }) => {
    if (!taggedTypes.has(type)) return [];
    const own = at(props, 'tags');
    if (own === unknown) return [notKnown('tags')];
    // Tags of the provider are among the second.
    const missing = requiredTags.filter((tag) => !isThere(or(at(own, tag), at(props, `tagsAll.${tag}`))));
    return missing.length === 0
      ? []
      : [
          wrong(
            `it has no tag ${missing.join(', ')}`,
            'give it the tags of its site: tags: tagsOf(site, name)',
          ),
        ];
  },
  passes: {
    type: 'aws:sns/topic:Topic',
    props: { tags: { System: 'coinestate', Environment: 'prod', ManagedBy: 'cutover' } },
  },
  fails: { type: 'aws:sns/topic:Topic', props: { tags: { System: 'coinestate' } } },
};

/** A default provider takes its account and region from whoever runs the update. */
export const explicitRegion: ResourceRule = {
  id: 'explicit-region',
  looksAt: 'resource',
  wants: 'Every resource of a cloud names its provider, and its region where it is in one.',
  judge: ({ type, props, provider }) => {
    if (!/^(aws|kubernetes|cloudflare):/.test(type)) return [];
    return [
      ...(provider !== undefined && /^default(_|$)/.test(provider)
        ? [wrong('it is made by a default provider', 'name one: opts.provider of itself or of its component')]
        : []),
      ...(isRegional(type) && !isThere(at(props, 'region'))
        ? [wrong('it names no region', 'set region, as in region: site.region')]
        : []),
    ];
  },
  passes: { type: 'aws:sns/topic:Topic', props: { region: 'us-east-1' }, provider: 'aws' },
  fails: { type: 'aws:sns/topic:Topic', props: {}, provider: 'default_7_48_0' },
};
