import { describe, expect, it } from 'vitest';
import type { Values } from '../../../../../ops/twin/kind.ts';
import { autoscalingKinds } from '../../../../../ops/twin/services/aws/autoscaling.ts';
import { ask, kindOf, made, said, type FakeThing } from '../fake-cloud.ts';

const target = kindOf(autoscalingKinds, 'aws:appautoscaling/target:Target');
const policy = kindOf(autoscalingKinds, 'aws:appautoscaling/policy:Policy');
const scaled = {
  serviceNamespace: 'ecs',
  resourceId: 'service/main/api',
  scalableDimension: 'ecs:service:DesiredCount',
};

describe('a scalable target', () => {
  const inputs = { ...scaled, minCapacity: 2, maxCapacity: 10 };
  const service = (cluster: string): FakeThing => ({
    type: 'aws:ecs/service:Service',
    id: 'service',
    inputs: { name: 'api', cluster },
  });

  it('is a service that is there, its cluster named by name or ARN', () => {
    expect(said(target, ask(inputs, { things: [service('main')] }))).toEqual([]);
    const byArn = service('arn:aws:ecs:us-east-1:123456789012:cluster/main');
    expect(said(target, ask(inputs, { things: [byArn] }))).toEqual([]);
    const refused = "ValidationException: ECS service doesn't exist: service/main/api";
    expect(said(target, ask(inputs, { things: [service('other')] }))).toEqual([refused]);
    expect(said(target, ask(inputs))).toEqual([refused]);
    expect(said(target, ask(inputs, { preview: true }))).toEqual([]);
  });

  it.each<[Values, string]>([
    [{ maxCapacity: 1 }, 'Maximum capacity cannot be less than minimum capacity'],
    [{ resourceId: 'main/api' }, 'Unsupported service namespace, resource type or scalable dimension'],
    [
      { scalableDimension: 'rds:cluster:ReadReplicaCount' },
      'Unsupported service namespace, resource type or scalable dimension',
    ],
  ])('refuses %j', (change, message) => {
    expect(said(target, ask({ ...inputs, ...change }, { preview: true }))).toEqual([
      `ValidationException: ${message}`,
    ]);
  });

  it('gets the role of its service', () => {
    expect(made(target, ask(inputs)).outputs['roleArn']).toBe(
      'arn:aws:iam::123456789012:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService',
    );
  });
});

describe('a scaling policy', () => {
  const metric = (predefinedMetricType: string, resourceLabel?: string): Values => ({
    targetValue: 60,
    predefinedMetricSpecification: {
      predefinedMetricType,
      ...(resourceLabel !== undefined && { resourceLabel }),
    },
  });
  const inputs = {
    ...scaled,
    name: 'cpu',
    policyType: 'TargetTrackingScaling',
    targetTrackingScalingPolicyConfiguration: metric('ECSServiceAverageCPUUtilization'),
  };
  const registered: FakeThing = { type: target.type, id: scaled.resourceId, inputs: scaled };

  it('belongs to a target that is registered', () => {
    expect(said(policy, ask(inputs, { things: [registered] }))).toEqual([]);
    expect(said(policy, ask(inputs))).toEqual([
      'ObjectNotFoundException: No scalable target registered for service namespace: ecs, resource ID: service/main/api, scalable dimension: ecs:service:DesiredCount',
    ]);
  });

  it('is the only one for its metric', () => {
    const there = { type: policy.type, id: 'other', inputs: { ...inputs, name: 'other' } };
    expect(said(policy, ask(inputs, { things: [registered, there] }))).toEqual([
      'ValidationException: Only one TargetTrackingScaling policy for a given metric specification is allowed.',
    ]);
  });

  it.each<[Values, string]>([
    [
      { targetTrackingScalingPolicyConfiguration: metric('RDSReaderAverageCPUUtilization') },
      'is not supported for service namespace ecs',
    ],
    [
      { targetTrackingScalingPolicyConfiguration: metric('ALBRequestCountPerTarget') },
      'Resource label must be specified',
    ],
    [
      { targetTrackingScalingPolicyConfiguration: metric('ALBRequestCountPerTarget', 'api') },
      'Resource label must be specified',
    ],
    [
      { targetTrackingScalingPolicyConfiguration: metric('ECSServiceAverageCPUUtilization', 'api') },
      "You can't specify a resource label",
    ],
    [
      { targetTrackingScalingPolicyConfiguration: { targetValue: 60 } },
      'Exactly one of PredefinedMetricSpecification',
    ],
    [{ policyType: 'StepScaling' }, 'You must specify the stepScalingPolicyConfiguration'],
  ])('refuses %j', (change, message) => {
    expect(said(policy, ask({ ...inputs, ...change }, { things: [registered] }))[0]).toContain(message);
  });

  it('follows the requests of a target group', () => {
    const label = 'app/api/50dc6c495c0c9188/targetgroup/api/943f017f100becff';
    const requests = {
      ...inputs,
      targetTrackingScalingPolicyConfiguration: metric('ALBRequestCountPerTarget', label),
    };
    expect(said(policy, ask(requests, { things: [registered] }))).toEqual([]);
  });
});
