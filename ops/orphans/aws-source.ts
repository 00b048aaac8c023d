import { IAMClient, paginateListPolicies, paginateListRoles } from '@aws-sdk/client-iam';
import {
  paginateGetResources,
  ResourceGroupsTaggingAPIClient,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { ownTags, rolePath, type Site } from '../../components/aws/site.ts';
import { clientOptions, inAws } from '../bootstrap/aws.ts';
import { exportState, type ExportedState } from '../exported-state.ts';
import { pulumiEnvironment } from '../pulumi-environment.ts';
import { refuseForeignState } from '../twin/made-by.ts';
import { ofService, partsOfArn } from './arn.ts';
import { indented } from './cli.ts';
import { areOurs, type Found, type Known } from './plan.ts';
import type { KnownState, Source } from './source.ts';

/** Where a stack is in AWS. */
export interface AwsPlace extends Pick<Site, 'account'> {
  readonly stack: string;
  readonly environment: Site['environment'];
  readonly regions: readonly string[];
  /** Where the program is, for the Pulumi CLI. */
  readonly folder: string;
}

/** The account of a stack. */
export function awsSource(place: AwsPlace): Source {
  // What has no region is listed in the first of them.
  const regions = [...new Set(['us-east-1', ...place.regions])];
  return {
    kind: 'aws',
    place: `account ${place.account}, ${regions.join(', ')}`,
    ours: async () => {
      const lists = [...regions.map((region) => tagged(place, region)), identities(place)];
      const found = (await Promise.all(lists)).flat();
      // Policies are listed twice: IAM knows their age, the other list their tags.
      const byArn = new Map<string, Found>();
      for (const each of found) {
        const key = each.arn ?? each.id;
        byArn.set(key, { ...byArn.get(key), ...each });
      }
      return [...byArn.values()];
    },
    state: () => exportedState(place.stack, place.folder),
    aged: async (orphans) => (await import('./aws-age.ts')).withAges(orphans),
    program: () => {
      const args = ['--stack', place.stack];
      const { stack, folder } = place;
      return Promise.resolve({ stack, folder, env: pulumiEnvironment(args), args });
    },
    delete: async (orphans) => (await import('./aws-delete.ts')).deleteInAws(orphans),
    close: () => undefined,
  };
}

/** What carries our tags in a region. */
async function tagged({ environment }: AwsPlace, region: string): Promise<readonly Found[]> {
  const client = new ResourceGroupsTaggingAPIClient(clientOptions(region));
  const TagFilters = [
    { Key: ownTags.managedBy, Values: ['cutover'] },
    { Key: ownTags.environment, Values: [environment] },
  ];
  try {
    return await inAws(`list what carries our tags in ${region}`, async () => {
      const found: Found[] = [];
      for await (const page of paginateGetResources({ client }, { TagFilters, ResourcesPerPage: 100 })) {
        for (const { ResourceARN, Tags = [] } of page.ResourceTagMappingList ?? []) {
          const tags = Object.fromEntries(Tags.map(({ Key = '', Value }) => [Key, Value]));
          if (ResourceARN === undefined || !areOurs(tags, environment) || ofService(ResourceARN)) continue;
          const { Name } = tags;
          found.push({ ...foundAt(ResourceARN, region), ...(Name !== undefined && { name: Name }) });
        }
      }
      return found;
    });
  } finally {
    client.destroy();
  }
}

/** Roles, which the search for tags does not know, and policies: by the path below which the program makes them. */
async function identities(place: AwsPlace): Promise<readonly Found[]> {
  const client = new IAMClient(clientOptions('us-east-1'));
  const PathPrefix = rolePath(place);
  try {
    return await inAws(`list the roles below ${PathPrefix}`, async () => {
      const found: { readonly Arn?: string | undefined; readonly CreateDate?: Date | undefined }[] = [];
      for await (const { Roles = [] } of paginateListRoles({ client }, { PathPrefix })) found.push(...Roles);
      for await (const { Policies = [] } of paginateListPolicies({ client }, { PathPrefix, Scope: 'Local' }))
        found.push(...Policies);
      return found.map(({ Arn = '', CreateDate }) => ({
        ...foundAt(Arn, 'global'),
        ...(CreateDate !== undefined && { createdMs: CreateDate.getTime() }),
      }));
    });
  } finally {
    client.destroy();
  }
}

function foundAt(arn: string, listedIn: string): Found {
  const { service, kind, id, region } = partsOfArn(arn);
  const global = service === 'iam' || service === 'route53';
  return { type: `${service}/${kind}`, id, arn, region: global ? 'global' : region || listedIn };
}

/** The state of a stack, from wherever it is kept. A state of the twin is refused. SIDE EFFECTS: runs the Pulumi CLI. */
export async function exportedState(stack: string, folder: string): Promise<KnownState> {
  const deployment = await exportState<Deployment>(stack, folder).catch((error: unknown) => {
    throw new CutoverError('CUT-5486', { stack, lines: indented(messageOf(error)) });
  });
  refuseForeignState(stack, deployment, 'real');
  return { resources: deployment.resources ?? [], pending: deployment.pending_operations?.length ?? 0 };
}

interface Deployment extends ExportedState {
  readonly resources?: readonly (Known & { readonly inputs?: Readonly<Record<string, unknown>> })[];
}
