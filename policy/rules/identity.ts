import { someOf, statementsOf, type Statement } from '../documents.ts';
import { allOf, anyOf, type Fact } from '../facts.ts';
import { judgeTypes, notKnown, wrong, type Demand, type Finding, type ResourceRule } from '../rule.ts';
import { at, listOf, unknown, type Value } from '../values.ts';

const remedy = 'name the actions and the resources that are needed';

function judgeDocument(document: Value, path: string): readonly Finding[] {
  const statements = statementsOf(document);
  if (statements === unknown) return [notKnown(path)];
  return statements.map(isAdministrator).flatMap((fact) => {
    if (fact === unknown) return [notKnown(path)];
    return fact ? [wrong(`${path} allows every action on everything`, remedy)] : [];
  });
}

// All but some is all: what is not named grows with every service of AWS.
function isAdministrator({ allows, actions, notActions, resources, notResources }: Statement): Fact {
  return allOf(
    allows,
    anyOf(
      someOf(actions, (action) => /^\*+(:\*+)?$/.test(action)),
      notActions.length > 0,
    ),
    anyOf(
      someOf(resources, (resource) => /^(\*+|arn(:(aws|\*))?(:\*+)+)$/.test(resource)),
      notResources.length > 0,
    ),
  );
}

function judgeAttached(arn: Value): readonly Finding[] {
  return typeof arn === 'string' && /:policy\/(AdministratorAccess|PowerUserAccess|IAMFullAccess)$/.test(arn)
    ? [wrong(`it is given ${arn.split('/').at(-1) ?? ''}`, remedy)]
    : [];
}

const document: Demand = (props) => judgeDocument(at(props, 'policy'), 'policy');
const attached: Demand = (props) => judgeAttached(at(props, 'policyArn'));

export const noAdministrator: ResourceRule = {
  id: 'no-administrator',
  looksAt: 'resource',
  wants: 'No role may do everything.',
  judge: judgeTypes({
    'aws:iam/policy:Policy': document,
    'aws:iam/rolePolicy:RolePolicy': document,
    'aws:iam/userPolicy:UserPolicy': document,
    'aws:iam/groupPolicy:GroupPolicy': document,
    'aws:iam/rolePolicyAttachment:RolePolicyAttachment': attached,
    'aws:iam/userPolicyAttachment:UserPolicyAttachment': attached,
    'aws:iam/groupPolicyAttachment:GroupPolicyAttachment': attached,
    'aws:iam/policyAttachment:PolicyAttachment': attached,
    'aws:iam/role:Role': (props) => [
      ...listOf(at(props, 'inlinePolicies')).flatMap((each) =>
        judgeDocument(at(each, 'policy'), 'inlinePolicies'),
      ),
      ...listOf(at(props, 'managedPolicyArns')).flatMap(judgeAttached),
    ],
  }),
  passes: {
    type: 'aws:iam/policy:Policy',
    props: {
      policy: {
        Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::documents/*' }],
      },
    },
  },
  fails: {
    type: 'aws:iam/policy:Policy',
    props: { policy: { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] } },
  },
};
