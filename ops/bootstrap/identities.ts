import {
  AddClientIDToOpenIDConnectProviderCommand,
  AttachRolePolicyCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  DeletePolicyVersionCommand,
  DetachRolePolicyCommand,
  GetOpenIDConnectProviderCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  ListAttachedRolePoliciesCommand,
  ListPolicyVersionsCommand,
  PutRolePermissionsBoundaryCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import { unlessMissing } from './aws.ts';
import { isOurs, tagList, tagMap, type PartKind, type Room } from './kind.ts';
import { sameForm } from './part.ts';

/** Issuers of tokens. An account knows an issuer once, so one that is there serves whoever made it. */
export function issuerKind(client: IAMClient, room: Room): PartKind {
  const arnOf = (name: string): string => `arn:aws:iam::${room.account}:oidc-provider/${name}`;
  return {
    find: async ({ name }) => {
      const OpenIDConnectProviderArn = arnOf(name);
      const found = await unlessMissing(
        client.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn })),
      );
      if (found === undefined) return { kind: 'absent' };
      const audience = (found.ClientIDList ?? []).includes('sts.amazonaws.com')
        ? 'sts.amazonaws.com'
        : 'none of ours';
      return { kind: 'ours', settings: { audience } };
    },
    create: async ({ name, settings }) => {
      await client.send(
        new CreateOpenIDConnectProviderCommand({
          Url: `https://${name}`,
          ClientIDList: [settings['audience'] ?? ''],
          Tags: tagList(room.tags),
        }),
      );
      return undefined;
    },
    set: async ({ name, settings }) => {
      const request = { OpenIDConnectProviderArn: arnOf(name), ClientID: settings['audience'] };
      await client.send(new AddClientIDToOpenIDConnectProviderCommand(request));
    },
  };
}

/** Policies that roles are given. */
export function policyKind(client: IAMClient, room: Room): PartKind {
  const arnOf = (name: string): string => `arn:aws:iam::${room.account}:policy${name}`;
  return {
    find: async ({ name }) => {
      const PolicyArn = arnOf(name);
      const found = await unlessMissing(client.send(new GetPolicyCommand({ PolicyArn })));
      if (found?.Policy === undefined) return { kind: 'absent' };
      if (!isOurs(tagMap(found.Policy.Tags), room)) return foreign;
      const VersionId = found.Policy.DefaultVersionId;
      const version = await client.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
      const document = sameForm(decodeURIComponent(version.PolicyVersion?.Document ?? ''));
      return { kind: 'ours', settings: { document } };
    },
    create: async ({ name, settings }) => {
      await client.send(
        new CreatePolicyCommand({
          ...split(name, 'PolicyName'),
          PolicyDocument: settings['document'],
          Tags: tagList(room.tags),
        }),
      );
      return undefined;
    },
    set: async ({ name, settings }) => {
      const PolicyArn = arnOf(name);
      const { Versions = [] } = await client.send(new ListPolicyVersionsCommand({ PolicyArn }));
      // IAM keeps five versions of a policy.
      const spare = Versions.filter(({ IsDefaultVersion }) => IsDefaultVersion !== true).at(-1);
      if (Versions.length >= 5 && spare !== undefined) {
        await client.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: spare.VersionId }));
      }
      const request = { PolicyArn, PolicyDocument: settings['document'], SetAsDefault: true };
      await client.send(new CreatePolicyVersionCommand(request));
    },
  };
}

/** Roles, with exactly the policies that they are to have. */
export function roleKind(client: IAMClient, room: Room): PartKind {
  const attached = async (RoleName: string): Promise<readonly string[]> => {
    const { AttachedPolicies = [] } = await client.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    return AttachedPolicies.map(({ PolicyArn = '' }) => PolicyArn).sort();
  };
  return {
    find: async ({ name }) => {
      const { RoleName, Path } = split(name, 'RoleName');
      const role = (await unlessMissing(client.send(new GetRoleCommand({ RoleName }))))?.Role;
      if (role === undefined) return { kind: 'absent' };
      if (role.Path !== Path || !isOurs(tagMap(role.Tags), room)) return foreign;
      return {
        kind: 'ours',
        settings: {
          trust: sameForm(decodeURIComponent(role.AssumeRolePolicyDocument ?? '')),
          description: role.Description ?? '',
          session: String(role.MaxSessionDuration ?? ''),
          policies: (await attached(RoleName)).join(' '),
          boundary: role.PermissionsBoundary?.PermissionsBoundaryArn ?? '',
        },
      };
    },
    create: async ({ name, settings }) => {
      await client.send(
        new CreateRoleCommand({
          ...split(name, 'RoleName'),
          AssumeRolePolicyDocument: settings['trust'],
          Description: settings['description'],
          MaxSessionDuration: Number(settings['session']),
          PermissionsBoundary: settings['boundary'],
          Tags: tagList(room.tags),
        }),
      );
      return undefined;
    },
    set: async ({ name, settings }, setting) => {
      const { RoleName } = split(name, 'RoleName');
      switch (setting) {
        case 'trust':
          await client.send(
            new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: settings['trust'] }),
          );
          return;
        case 'description':
        case 'session':
          await client.send(
            new UpdateRoleCommand({
              RoleName,
              Description: settings['description'],
              MaxSessionDuration: Number(settings['session']),
            }),
          );
          return;
        case 'boundary':
          await client.send(
            new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: settings['boundary'] }),
          );
          return;
        case 'policies': {
          const wanted = (settings['policies'] ?? '').split(' ');
          const there = await attached(RoleName);
          // What is to go goes first: a role never has more than is meant.
          for (const PolicyArn of there.filter((arn) => !wanted.includes(arn))) {
            await client.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
          }
          for (const PolicyArn of wanted.filter((arn) => !there.includes(arn))) {
            await client.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
          }
        }
      }
    },
  };
}

const foreign = {
  kind: 'foreign',
  why: 'it is there already and carries no tags of ours; rename or delete it',
} as const;

/** `/cutover/cutover-prod-deploy` as IAM wants it: a name, and the path before it. */
function split<Key extends 'RoleName' | 'PolicyName'>(name: string, key: Key): Record<Key | 'Path', string> {
  const at = name.lastIndexOf('/') + 1;
  return { [key]: name.slice(at), Path: name.slice(0, at) } as Record<Key | 'Path', string>;
}
