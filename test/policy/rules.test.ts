import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '@cutover/base/project.ts';
import { ownTags } from '../../components/aws/site.ts';
import { resourceOf, type Finding } from '../../policy/rule.ts';
import { resourceRules, rules, stackRules } from '../../policy/rules.ts';
import { requiredTags } from '../../policy/rules/ownership.ts';
import { isRegional, taggedTypes } from '../../policy/types.ts';
import { unknown, type Value } from '../../policy/values.ts';

const prod = { environment: 'prod' } as const;
const refusals = (findings: readonly Finding[]) => findings.filter(({ kind }) => kind === 'wrong');

describe('every rule', () => {
  it('has a name of its own that reads as a policy', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    for (const { id, wants } of rules) {
      expect(id).toMatch(/^[a-z]+(-[a-z]+)+$/);
      expect(wants).toMatch(/^[A-Z8].*\.$/);
    }
  });

  it.each(resourceRules.map((rule) => [rule.id, rule] as const))('%s passes and refuses', (_, rule) => {
    expect(rule.judge(resourceOf(rule.passes), prod)).toEqual([]);
    const [refusal] = refusals(rule.judge(resourceOf(rule.fails), prod));
    expect(refusal?.kind === 'wrong' ? [refusal.wrong, refusal.remedy] : []).toEqual([
      expect.stringMatching(/\w/),
      expect.stringMatching(/\w/),
    ]);
  });

  it.each(stackRules.map((rule) => [rule.id, rule] as const))('%s passes and refuses a stack', (_, rule) => {
    expect(rule.judge(rule.passes.map(resourceOf), prod)).toEqual([]);
    const failing = rule.fails.map(resourceOf);
    const found = refusals(rule.judge(failing, prod));
    expect(found.length).toBeGreaterThan(0);
    expect(failing.map(({ urn }) => urn)).toContain(found[0]?.urn);
  });

  it('has nothing to say of what is in no cloud', () => {
    const contract = resourceOf({
      type: 'pulumi-nodejs:dynamic/cutover:Contract',
      props: { name: 'Escrow' },
    });
    expect(resourceRules.flatMap((rule) => rule.judge(contract, prod))).toEqual([]);
    expect(stackRules.flatMap((rule) => rule.judge([contract], prod))).toEqual([]);
  });

  it('neither refuses nor passes what a preview cannot know', () => {
    const asked = resourceRules.filter(
      (rule) => typeof rule.fails.props === 'object' && rule.id !== 'protected-in-prod',
    );
    const silent: string[] = [];
    for (const rule of asked) {
      const { props } = rule.fails;
      const unknownProps = Object.fromEntries(
        Object.entries({ ...rule.passes.props, ...props }).map(([name, value]): [string, Value] => [
          name,
          kept.has(name) ? value : unknown,
        ]),
      );
      const findings = rule.judge(resourceOf({ ...rule.fails, props: unknownProps, provider: 'aws' }), prod);
      expect([rule.id, refusals(findings)]).toEqual([rule.id, []]);
      if (findings.length === 0) silent.push(rule.id);
    }
    expect(silent).toEqual(['explicit-region']);
  });
  // What a rule decides by, before it looks at anything else.
  const kept = new Set(['protocol', 'ipProtocol', 'fromPort', 'toPort']);
});

describe('what rules know of types', () => {
  const { types } = JSON.parse(readFileSync(fromRoot('ops/twin/facts/aws.json'), 'utf8')) as {
    types: Readonly<Record<string, { readonly inputs: Readonly<Record<string, unknown>> }>>;
  };
  const used = Object.entries(types).filter(([type]) => type.startsWith('aws:'));

  it('knows of every type that the twin plays whether it carries tags', () => {
    const unlike = used.filter(([type, { inputs }]) => 'tags' in inputs !== taggedTypes.has(type));
    expect(unlike.map(([type]) => type)).toEqual([]);
  });

  it('knows of every type that the twin plays whether it is in one region', () => {
    const unlike = used.filter(([type, { inputs }]) => 'region' in inputs !== isRegional(type));
    expect(unlike.map(([type]) => type)).toEqual([]);
  });

  it('asks for the tags that every site gives', () => {
    expect([...requiredTags]).toEqual(Object.values(ownTags));
  });
});
