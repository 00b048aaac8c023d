import type { Question, Refusal } from '../../kind.ts';
import { flagAt, isGiven, isUnknown, numberAt, objectsAt, refusal, textAt, valueAt } from '../values.ts';
import { invalid } from './ecs-service-checks.ts';

/** How a new version takes over from the old one. */
export function deploymentProblems(question: Question): readonly Refusal[] {
  const { inputs } = question;
  const strategy = textAt(inputs, 'deploymentConfiguration.strategy') ?? 'ROLLING';
  const bake = textAt(inputs, 'deploymentConfiguration.bakeTimeInMinutes');
  const least = numberAt(inputs, 'deploymentMinimumHealthyPercent');
  const most = numberAt(inputs, 'deploymentMaximumPercent');
  const controller = textAt(inputs, 'deploymentController.type') ?? 'ECS';
  const daemon = textAt(inputs, 'schedulingStrategy') === 'DAEMON';
  if (!['ROLLING', 'BLUE_GREEN', 'LINEAR', 'CANARY'].includes(strategy))
    return [
      invalid(
        `expected deployment_configuration.0.strategy to be one of ["ROLLING" "BLUE_GREEN" "LINEAR" "CANARY"], got ${strategy}`,
        'deploymentConfiguration.strategy',
      ),
    ];
  if (bake !== undefined && !(/^\d+$/.test(bake) && Number(bake) <= 1440))
    return [
      invalid(
        `expected bake_time_in_minutes to be a whole number in the range (0 - 1440), got ${bake}`,
        'deploymentConfiguration.bakeTimeInMinutes',
      ),
    ];
  if (least === 100 && most === 100)
    return [
      invalid(
        'Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.',
        'deploymentMaximumPercent',
      ),
    ];
  if (least !== undefined && most !== undefined && least > most)
    return [
      invalid(
        'minimumHealthyPercent must be smaller than maximumPercent.',
        'deploymentMinimumHealthyPercent',
      ),
    ];
  if (flagAt(inputs, 'deploymentCircuitBreaker.enable') === true && controller !== 'ECS')
    return [
      invalid(
        'Deployment circuit breaker feature can only be configured with ECS deployment controller.',
        'deploymentCircuitBreaker',
      ),
    ];
  if (daemon && textAt(inputs, 'launchType') === 'FARGATE')
    return [
      invalid('The daemon scheduling strategy is not supported for tasks on Fargate.', 'schedulingStrategy'),
    ];
  return strategy === 'ROLLING' ? [] : switchProblems(question, strategy);
}

const spoken: Readonly<Record<string, string>> = {
  BLUE_GREEN: 'blue/green',
  LINEAR: 'linear',
  CANARY: 'canary',
};

// https://github.com/terraform-aws-modules/terraform-aws-ecs/issues/377
function switchProblems(question: Question, strategy: string): readonly Refusal[] {
  const { inputs, cloud, calling } = question;
  const balancers = objectsAt(inputs, 'loadBalancers');
  const connected = valueAt(inputs, 'serviceConnectConfiguration') !== undefined;
  const bare = balancers.some((each) => valueAt(each, 'advancedConfiguration') === undefined);
  if (bare && !isUnknown(question, 'loadBalancers'))
    return [
      refusal(
        'ClientException',
        `advancedConfiguration field is required for all loadBalancers when using the ${spoken[strategy] ?? ''} deployment strategy`,
        'loadBalancers',
      ),
    ];
  if (
    balancers.length === 0 &&
    strategy !== 'BLUE_GREEN' &&
    !connected &&
    !isGiven(question, 'loadBalancers')
  )
    return [
      invalid(`The ${spoken[strategy] ?? ''} deployment strategy needs a load balancer.`, 'loadBalancers'),
    ];
  const needed =
    strategy === 'LINEAR' ? 'linearConfiguration' : strategy === 'CANARY' ? 'canaryConfiguration' : undefined;
  if (needed !== undefined && !isGiven(question, `deploymentConfiguration.${needed}`))
    return [
      invalid(
        `${needed} is required when using the ${spoken[strategy] ?? ''} deployment strategy`,
        'deploymentConfiguration',
      ),
    ];
  return balancers.flatMap((each, index) => {
    const property = `loadBalancers[${index}].advancedConfiguration`;
    const [first, second] = [
      textAt(each, 'targetGroupArn'),
      textAt(each, 'advancedConfiguration.alternateTargetGroupArn'),
    ];
    if (first !== undefined && first === second)
      return [
        invalid(
          'The alternate target group must be another one than the target group.',
          `${property}.alternateTargetGroupArn`,
        ),
      ];
    if (textAt(each, 'advancedConfiguration.testListenerRule') === '')
      // https://github.com/hashicorp/terraform-provider-aws/issues/43552
      return [invalid('testListenerRule must not be empty.', `${property}.testListenerRule`)];
    return ['productionListenerRule', 'testListenerRule', 'roleArn'].flatMap((name) => {
      const given = textAt(each, `advancedConfiguration.${name}`);
      return given !== undefined && calling !== undefined && cloud.byArn(given) === undefined
        ? [invalid(`${name} ${given} does not exist.`, `${property}.${name}`)]
        : [];
    });
  });
}
