import { LogGroup, type LogGroupArgs } from '@pulumi/aws/cloudwatch/logGroup.js';
import { Cluster as EcsCluster, type ClusterArgs as EcsClusterArgs } from '@pulumi/aws/ecs/cluster.js';
import {
  ClusterCapacityProviders,
  type ClusterCapacityProvidersArgs,
} from '@pulumi/aws/ecs/clusterCapacityProviders.js';
import * as pulumi from '@pulumi/pulumi';
import { logDays } from './site.ts';
import { describer, refuseWrong, regionalName, tagsOf, type AwsArgs } from './transform.ts';

/** The children of a cluster and their arguments, for `transform`. */
export interface ClusterChildren {
  cluster: EcsClusterArgs;
  capacityProviders: ClusterCapacityProvidersArgs;
  execLogGroup: LogGroupArgs;
}

export interface ClusterArgs extends AwsArgs<ClusterChildren> {
  /** Metrics of every task beside those of services. @default 'enhanced' */
  readonly insights?: 'enhanced' | 'enabled' | 'disabled';
  /**
   * Lets services open shells in their containers, if they ask for it too. What is typed there is encrypted on its way
   * and logged, both with this key; its policy lets CloudWatch Logs use it. @default no shells
   */
  readonly exec?: { readonly key: { readonly arn: pulumi.Input<string> } };
}

/**
 * Where services run: an ECS cluster on Fargate, without machines of its own.
 *
 * @example
 * const cluster = new Cluster('coinestate', { site });
 * new FargateService('coinestate-api', { site, cluster, … });
 */
export class Cluster extends pulumi.ComponentResource {
  readonly cluster: EcsCluster;
  readonly arn: pulumi.Output<string>;
  /** Its name in metrics and in what scales its services. */
  readonly name: pulumi.Output<string>;
  /** Where shells are logged, and the key of their sessions; undefined when there are none. */
  readonly exec?: { readonly logGroup: LogGroup; readonly key: { readonly arn: pulumi.Input<string> } };

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseWrong('cluster', name);
    const { site, insights = 'enhanced', exec } = args;
    const { region } = site;
    super('cutover:aws:Cluster', regionalName(name, site), {}, opts);
    const describe = describer(this, name, args, opts);

    if (exec !== undefined) {
      const logGroup = describe(
        'execLogGroup',
        LogGroup,
        {
          region,
          kmsKeyId: exec.key.arn,
          retentionInDays: logDays(site),
          tags: tagsOf(site, name, 'shells'),
        },
        { part: 'shells' },
      );
      this.exec = { logGroup, key: exec.key };
    }
    this.cluster = describe('cluster', EcsCluster, {
      region,
      settings: [{ name: 'containerInsights', value: insights }],
      ...(this.exec === undefined
        ? {}
        : {
            configuration: {
              executeCommandConfiguration: {
                kmsKeyId: this.exec.key.arn,
                logging: 'OVERRIDE',
                logConfiguration: {
                  cloudWatchEncryptionEnabled: true,
                  cloudWatchLogGroupName: this.exec.logGroup.name,
                },
              },
            },
          }),
      tags: tagsOf(site, name, 'cluster'),
    });
    describe(
      'capacityProviders',
      ClusterCapacityProviders,
      {
        region,
        clusterName: this.cluster.name,
        capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
        defaultCapacityProviderStrategies: [{ capacityProvider: 'FARGATE', weight: 1 }],
      },
      { part: 'capacity' },
    );
    this.arn = this.cluster.arn;
    this.name = this.cluster.name;
    this.registerOutputs({ arn: this.arn, name: this.name });
  }
}
