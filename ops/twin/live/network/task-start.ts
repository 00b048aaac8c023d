import type { CloudView } from '../../kind.ts';
import type { Container } from '../../services/aws/ecs-containers.ts';
import { readSource } from '../ecs/secrets.ts';
import { obstacleToInternet, obstacleToService } from './aws-services.ts';
import type { NetworkPlace } from './places.ts';

/** Something that Fargate asks for before a task starts, from the task's own place in the network. */
interface Errand {
  readonly service: string;
  /** Asked in another region, it is asked over the internet. */
  readonly region?: string;
  /** What is said where it cannot be asked. */
  readonly failed: string;
}

const pull = 'ResourceInitializationError: unable to pull secrets or registry auth:';

/**
 * Why Fargate cannot start a container in a place of the network, in its words and ours: the image, the secrets and the log
 * are asked for from there. Undefined where it can. Pure.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html
 */
export function startObstacle(view: CloudView, from: NetworkPlace, container: Container): string | undefined {
  for (const { service, region = from.region, failed } of errandsOf(container)) {
    const why =
      region === from.region ? obstacleToService(view, from, service) : obstacleToInternet(view, from);
    if (why !== undefined) return `${failed} Check your task network configuration: ${why}.`;
  }
  return undefined;
}

function errandsOf({ image = '', secrets = [], logConfiguration }: Container): readonly Errand[] {
  const registry = /^\d{12}\.dkr\.ecr\.([\w-]+)\.amazonaws\.com\//.exec(image);
  const fromRegistry = {
    ...(registry?.[1] !== undefined && { region: registry[1] }),
    failed: `${pull} The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR.`,
  };
  const logsTo = logConfiguration?.logDriver === 'awslogs' ? logConfiguration.options : undefined;
  const logRegion = logsTo?.['awslogs-region'];
  return [
    ...(registry === null ? [] : ['ecr.api', 'ecr.dkr'].map((service) => ({ service, ...fromRegistry }))),
    ...secrets.map(({ valueFrom }) => errandFor(valueFrom)),
    ...(logsTo === undefined
      ? []
      : [
          {
            service: 'logs',
            ...(logRegion !== undefined && { region: logRegion }),
            failed:
              'ResourceInitializationError: failed to validate logger args: The task cannot find the Amazon CloudWatch log group: There is a connection issue between the task and Amazon CloudWatch.',
          },
        ]),
  ];
}

function errandFor(valueFrom: string): Errand {
  const { kind, region } = readSource(valueFrom);
  const [service, name] =
    kind === 'secret'
      ? (['secretsmanager', 'AWS Secrets Manager'] as const)
      : (['ssm', 'AWS Systems Manager Parameter Store'] as const);
  return {
    service,
    ...(region !== undefined && { region }),
    failed: `${pull} unable to retrieve secrets: There is a connection issue between the task and ${name}.`,
  };
}
