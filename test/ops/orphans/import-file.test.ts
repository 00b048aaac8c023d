import { describe, expect, it } from 'vitest';
import { importableAs, importFileOf, type Importable } from '../../../ops/orphans/import-file.ts';
import { drawnNames, filledIn, mended } from '../../../ops/orphans/mend.ts';
import type { Found, Known } from '../../../ops/orphans/plan.ts';
import type { ProgramStep } from '../../../ops/orphans/steps.ts';

const root = 'urn:pulumi:staging::cutover::pulumi:pulumi:Stack::cutover-staging';
const provider = 'urn:pulumi:staging::cutover::pulumi:providers:aws::aws';
const state: readonly Known[] = [
  { urn: provider, type: 'pulumi:providers:aws', id: '1', outputs: { region: 'us-east-1' } },
];

function component(name: string, type: string, op = 'same', parent = root): ProgramStep {
  return {
    op,
    urn: `urn:pulumi:staging::cutover::${type}::${name}`,
    newState: { type, custom: false, parent },
  };
}

function child(name: string, parent: ProgramStep, region = 'us-east-1'): ProgramStep {
  const type = 'aws:ec2/vpc:Vpc';
  const urn = `${parent.urn.split('::').slice(0, 2).join('::')}::${parent.newState?.type}$${type}::${name}`;
  const inputs = { region };
  return {
    op: 'create',
    urn,
    newState: { type, custom: true, inputs, parent: parent.urn, provider: `${provider}::1` },
  };
}

const orphan = (region = 'us-east-1'): Found => ({
  ...{ type: 'ec2/vpc', id: 'vpc-1', region },
  arn: `arn:aws:ec2:${region}:123456789012:vpc/vpc-1`,
});

function importable(step: ProgramStep, region?: string): Importable {
  const found = importableAs(orphan(region), step, state);
  if ('why' in found) throw new Error(found.why);
  return found;
}

describe('the file that imports', () => {
  it('names parents and providers by their URNs, so that two of one name are two', () => {
    const network = component('coinestate', 'cutover:aws:Network');
    const balancer = component('coinestate', 'cutover:aws:LoadBalancer');
    const [one, other] = [child('a', network), child('b', balancer)];
    expect(importFileOf([importable(one), importable(other)], [network, balancer, one, other])).toEqual({
      nameTable: { [network.urn]: network.urn, [balancer.urn]: balancer.urn, [provider]: provider },
      resources: [
        {
          type: 'aws:ec2/vpc:Vpc',
          name: one.urn,
          logicalName: 'a',
          id: 'vpc-1',
          parent: network.urn,
          provider,
        },
        {
          type: 'aws:ec2/vpc:Vpc',
          name: other.urn,
          logicalName: 'b',
          id: 'vpc-1',
          parent: balancer.urn,
          provider,
        },
      ],
    });
  });

  it('brings the components that the state does not know, once each, before what is below them', () => {
    const system = component('system', 'cutover:system:System');
    const network = component('n', 'cutover:aws:Network', 'create', system.urn);
    const [one, other] = [child('a', network), child('b', network)];
    const { nameTable, resources } = importFileOf(
      [importable(one), importable(other)],
      [system, network, one, other],
    );
    expect(resources.map(({ logicalName, component: is }) => [logicalName, is ?? false])).toEqual([
      ['n', true],
      ['a', false],
      ['b', false],
    ]);
    expect(Object.keys(nameTable).sort()).toEqual([system.urn, provider].sort());
  });

  it('names the region where it is not the provider’s', () => {
    const network = component('n', 'cutover:aws:Network');
    expect(importable(child('a', network)).id).toBe('vpc-1');
    expect(importable(child('a', network, 'eu-west-1'), 'eu-west-1').id).toBe('vpc-1@eu-west-1');
  });

  it('is none for what has a provider that the state does not know', () => {
    const step = child('a', component('n', 'cutover:aws:Network'));
    expect(importableAs(orphan(), step, [])).toEqual({ why: expect.stringContaining('provider') as string });
  });
});

describe('the state after an import', () => {
  const urn = 'urn:pulumi:staging::cutover::aws:sns/topic:Topic::p0';
  const was = { __defaults: [] as string[], name: 'p0-7f3a', displayName: 'x' };
  const wants = { __defaults: ['name'], name: 'p0-0000', displayName: 'y' };
  const step = (op: string, oldInputs: object, newInputs: object): ProgramStep => ({
    ...{ op, urn },
    oldState: { type: 'aws:sns/topic:Topic', inputs: oldInputs as never },
    newState: { type: 'aws:sns/topic:Topic', inputs: newInputs as never },
  });

  it('has the names marked that the program lets be drawn, and no others', () => {
    expect(drawnNames([step('replace', was, wants)])).toEqual(new Map([[urn, ['name']]]));
    expect(drawnNames([step('replace', { ...was, __defaults: ['name'] }, wants)]).size).toBe(0);
    expect(drawnNames([step('replace', was, { ...wants, __defaults: [] })]).size).toBe(0);
    expect(drawnNames([step('create', {}, wants)]).size).toBe(0);
    expect(drawnNames([step('same', was, was)]).size).toBe(0);
  });

  it('has marked what the provider would have filled in, as far as it is there', () => {
    const resource = { urn, type: 'aws:sns/topic:Topic', id: 'arn', inputs: was };
    const marks = filledIn([{ step: step('create', {}, { ...wants, __defaults: ['name', 'fifo'] }) }]);
    expect(mended({ resources: [resource] }, marks)?.resources).toEqual([
      { ...resource, inputs: { ...was, __defaults: ['name'] } },
    ]);
  });

  const resource = { urn, type: 'aws:sns/topic:Topic', id: 'arn', inputs: was };
  const creating = (of: string) => ({ type: 'creating', resource: { urn: of } });

  it('keeps everything else as it was', () => {
    const other = { urn: 'other', type: 't', id: '1', inputs: { name: 'n' } };
    const marked = mended({ resources: [resource, other] }, new Map([[urn, ['name']]]));
    expect(marked?.resources).toEqual([{ ...resource, inputs: { ...was, __defaults: ['name'] } }, other]);
    expect(marked).not.toHaveProperty('pending_operations');
  });

  it('waits no more for what it knows, and still for the rest', () => {
    const pending = [creating(urn), creating('elsewhere'), { type: 'deleting', resource: { urn } }];
    expect(
      mended({ resources: [resource], pending_operations: pending }, new Map())?.pending_operations,
    ).toEqual(pending.slice(1));
  });

  it('is not written again where there is nothing to mend', () => {
    expect(
      mended({ resources: [resource], pending_operations: [creating('elsewhere')] }, new Map()),
    ).toBeUndefined();
  });
});
