import { dataOrigins } from './names/data.ts';
import { identityOrigins } from './names/identity.ts';
import { networkOrigins } from './names/network.ts';
import { operationsOrigins } from './names/operations.ts';
import { storageOrigins } from './names/storage.ts';

/**
 * Where the limits of a resource type come from. Arguments find their source by their name, in the CloudFormation type
 * first and then in the API; what is written here are the exceptions, kept by hand.
 */
export interface Origin {
  /** `AWS::RDS::DBInstance`; with a path where the resource is a part of it: `AWS::S3::Bucket/VersioningConfiguration`. */
  readonly cloudFormation?: string;
  /** `rds.CreateDBInstance`, with a path as above. */
  readonly api?: string;
  /** Arguments whose name differs, by path; false where it is the same but the meaning or the unit is not. */
  readonly names?: Readonly<Record<string, string | false>>;
  /** Arguments whose change replaces, beside those that CloudFormation calls create-only. */
  readonly replaces?: readonly string[];
  /** Arguments that CloudFormation calls create-only and the provider changes in place. */
  readonly updates?: readonly string[];
  /** Values that the provider takes beside those that the API allows: they mean that none is given. */
  readonly also?: Readonly<Record<string, readonly (string | number)[]>>;
}

/** Every resource type of @pulumi/aws that the twin plays, by module and name: `rds.Instance`. */
export const origins: Readonly<Record<string, Origin>> = {
  ...dataOrigins,
  ...identityOrigins,
  ...networkOrigins,
  ...operationsOrigins,
  ...storageOrigins,
};
