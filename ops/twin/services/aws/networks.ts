import type { Question, Thing } from '../../kind.ts';
import { textOf } from '../values.ts';

/** The subnets that exist by their ids; those that come later are left out. */
export function subnetsOf({ cloud, place }: Question, ids: readonly string[]): readonly Thing[] {
  return ids.map((id) => cloud.get('aws:ec2/subnet:Subnet', id, place)).filter((each) => each !== undefined);
}

/** The VPCs that subnets or security groups are in, each once. */
export function vpcsOf(things: readonly Thing[]): readonly string[] {
  return [...new Set(things.map((each) => textOf(each, 'vpcId')).filter((each) => each !== undefined))];
}

/** The zones that subnets are in, each once. */
export function zonesOfSubnets(subnets: readonly Thing[]): readonly string[] {
  const zones = subnets.map((each) => textOf(each, 'availabilityZone')).filter((each) => each !== undefined);
  return [...new Set(zones)].toSorted();
}

/** The VPC of the first security group that is in another than the one wanted. */
export function strayGroup(
  { cloud, place }: Question,
  groups: readonly string[],
  vpcId: string | undefined,
): { readonly id: string; readonly vpcId: string } | undefined {
  for (const id of groups) {
    const group = cloud.get('aws:ec2/securityGroup:SecurityGroup', id, place);
    const other = group === undefined ? undefined : textOf(group, 'vpcId');
    if (other !== undefined && vpcId !== undefined && other !== vpcId) return { id, vpcId: other };
  }
  return undefined;
}
