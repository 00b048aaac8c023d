import type { Reference } from '../../kind.ts';

// What other services name most: each says it with the errors of EC2, which all of them pass on.

/** An argument that names a VPC, which stays while it is named. */
export function toVpc(property: string): Reference {
  return {
    property,
    to: 'aws:ec2/vpc:Vpc',
    missing: { code: 'InvalidVpcID.NotFound', message: "The vpc ID '{value}' does not exist" },
    blocks: {
      code: 'DependencyViolation',
      message: "The vpc '{id}' has dependencies and cannot be deleted.",
    },
  };
}

/** An argument that names a subnet, or with `.*` several, which stay while they are named. */
export function toSubnet(property: string, code = 'InvalidSubnetID.NotFound'): Reference {
  return {
    property,
    to: 'aws:ec2/subnet:Subnet',
    missing: { code, message: "The subnet ID '{value}' does not exist" },
    blocks: {
      code: 'DependencyViolation',
      message: "The subnet '{id}' has dependencies and cannot be deleted.",
    },
  };
}

/** An argument that names a security group, or with `.*` several, which stay while they are named. */
export function toSecurityGroup(property: string, code = 'InvalidGroup.NotFound'): Reference {
  return {
    property,
    to: 'aws:ec2/securityGroup:SecurityGroup',
    missing: { code, message: "The security group '{value}' does not exist" },
    blocks: { code: 'DependencyViolation', message: 'resource {id} has a dependent object' },
  };
}

/** An argument that names a route table, or with `.*` several, which stay while they are named. */
export function toRouteTable(property: string): Reference {
  return {
    property,
    to: 'aws:ec2/routeTable:RouteTable',
    missing: { code: 'InvalidRouteTableID.NotFound', message: "The routeTable ID '{value}' does not exist" },
    blocks: {
      code: 'DependencyViolation',
      message: "The routeTable '{id}' has dependencies and cannot be deleted.",
    },
  };
}

/** The same reference, but what it names may go: what refers to it goes with it or is left pointing nowhere. */
export function loosely({ property, to, by, where, missing }: Reference): Reference {
  return { property, to, ...(by && { by }), ...(where && { where }), missing };
}
