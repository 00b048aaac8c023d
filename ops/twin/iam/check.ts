import { isKnownAction } from './actions.ts';
import { readDocument } from './document.ts';
import type { DocumentUse, Fault, PolicyDocument, Principal, Statement } from './document.ts';
import { servicePrincipals } from './known.ts';
import { slipOf } from './match.ts';

/** Reads a document and says what is wrong with it, in IAM's words and order; nothing is sent before all is right. */
export function checkDocument(
  text: string,
  use: DocumentUse,
): { readonly document?: PolicyDocument; readonly faults: readonly Fault[] } {
  const { document, faults } = readDocument(text);
  if (document === undefined) return { faults };
  const found = [
    ...versionFaults(document, use),
    ...sidFaults(document, use),
    ...document.statements.flatMap((statement, index) =>
      statementFaults(statement, use, `Statement[${index}]`),
    ),
  ];
  return { document, faults: found };
}

function versionFaults({ version }: PolicyDocument, use: DocumentUse): readonly Fault[] {
  // https://github.com/getmoto/moto/blob/master/moto/iam/policy_validation.py, checked there against the real API.
  if (use !== 'identity' || version === '2012-10-17') return [];
  return [
    { kind: 'version', message: 'Policy document must be version 2012-10-17 or greater.', where: 'Version' },
  ];
}

function sidFaults({ statements }: PolicyDocument, use: DocumentUse): readonly Fault[] {
  const sids = statements.map(({ sid }) => sid).filter((sid) => sid !== undefined && sid !== '');
  const faults: Fault[] = [];
  if (new Set(sids).size < sids.length)
    faults.push({
      kind: 'sid',
      message: 'Statement IDs (SID) in a single policy must be unique.',
      where: 'Statement',
    });
  // Keys and buckets let a name have spaces; IAM does not.
  const odd = use === 'resource' ? undefined : sids.find((sid) => !/^[0-9A-Za-z]*$/.test(sid ?? ''));
  if (odd !== undefined)
    faults.push({
      kind: 'sid',
      message: `Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*: ${odd}`,
      where: 'Statement',
    });
  return faults;
}

function statementFaults(statement: Statement, use: DocumentUse, where: string): readonly Fault[] {
  return [
    ...fieldFaults(statement, use, where),
    ...principalFaults(statement, where),
    ...(statement.actions ?? statement.notActions ?? []).flatMap((action) =>
      actionFaults(action, use, `${where}.Action`),
    ),
    ...(use === 'trust' ? [] : (statement.resources ?? statement.notResources ?? [])).flatMap((resource) =>
      resourceFaults(resource, `${where}.Resource`),
    ),
    ...statement.conditions.flatMap(({ key }) =>
      key.includes(':')
        ? []
        : [{ kind: 'action' as const, message: vendorWanted, where: `${where}.Condition` }],
    ),
  ];
}

const vendorWanted = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';

function fieldFaults(statement: Statement, use: DocumentUse, where: string): readonly Fault[] {
  const principal = statement.principals ?? statement.notPrincipals;
  const resource = statement.resources ?? statement.notResources;
  const action = statement.actions ?? statement.notActions;
  const faults: Fault[] = [];
  if (use === 'identity' && principal !== undefined)
    faults.push({ kind: 'prohibited', message: 'Policy document should not specify a principal.', where });
  if (use !== 'identity' && (principal === undefined || principal.length === 0))
    faults.push({ kind: 'no-principal', message: 'Missing required field Principal', where });
  if (use === 'trust' && resource !== undefined)
    faults.push({
      kind: 'prohibited',
      message: `Has prohibited field ${statement.resources === undefined ? 'NotResource' : 'Resource'}`,
      where,
    });
  if (action === undefined || action.length === 0)
    faults.push({ kind: 'no-action', message: 'Policy statement must contain actions.', where });
  if (use !== 'trust' && (resource === undefined || resource.length === 0))
    faults.push({ kind: 'no-resource', message: 'Policy statement must contain resources.', where });
  return faults;
}

function principalFaults(statement: Statement, where: string): readonly Fault[] {
  return [...(statement.principals ?? []), ...(statement.notPrincipals ?? [])]
    .filter((principal) => !isPrincipal(principal))
    .map((principal) => ({
      kind: 'principal',
      message: invalidPrincipal(principal),
      where: `${where}.Principal`,
    }));
}

/** What IAM says of a principal that is malformed, or that is not there. */
export function invalidPrincipal({ type, name }: Principal): string {
  return `Invalid principal in policy: "${type === 'AWS' ? type : type.toUpperCase()}":"${name}"`;
}

function isPrincipal({ type, name }: Principal): boolean {
  if (type === 'AWS')
    return (
      name === '*' ||
      /^\d{12}$/.test(name) ||
      /^(AIDA|AROA)[A-Z0-9]{12,}$/.test(name) ||
      /^arn:aws[a-z-]*:(iam::\d{12}:(root|(user|role)\/\S+)|sts::\d{12}:(assumed-role|federated-user)\/\S+)$/.test(
        name,
      )
    );
  // IAM knows all services; a name that is one letter away from a common one is the slip that it would refuse.
  if (type === 'Service')
    return (
      /^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$/.test(name) &&
      slipOf(name, servicePrincipals) === undefined
    );
  if (type === 'Federated')
    return /^(arn:aws[a-z-]*:iam::\d{12}:(oidc|saml)-provider\/\S+|[a-z0-9-]+(\.[a-z0-9-]+)+)$/i.test(name);
  return /^[0-9a-f]{64}$/.test(name);
}

function actionFaults(action: string, use: DocumentUse, where: string): readonly Fault[] {
  const [vendor = '', ...names] = action.split(':');
  if (names.length === 0 && action !== '*') return [{ kind: 'action', message: vendorWanted, where }];
  if (names.length > 1)
    return [{ kind: 'action', message: 'Actions/Condition can contain only one colon.', where }];
  if (action !== '*' && !/^[a-zA-Z0-9.-]+$/.test(vendor))
    return [{ kind: 'action', message: `Vendor ${vendor} is not valid`, where }];
  if (use === 'trust' && !/^sts:(assumerole|tagsession|setsourceidentity|setcontext)/i.test(action))
    return [{ kind: 'action', message: 'AssumeRole policy may only specify STS AssumeRole actions.', where }];
  // Stricter than IAM, which stores unknown actions and grants nothing by them. The words are those of Access Analyzer:
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
  if (!isKnownAction(action))
    return [
      { kind: 'unknown-action', message: `Invalid Action: The action ${action} does not exist.`, where },
    ];
  return [];
}

const iamPaths =
  /^(\*|(user|federated-user|role|group|instance-profile|mfa|server-certificate|policy|sms-mfa|saml-provider|oidc-provider|report|access-report)\/)/;

function resourceFaults(resource: string, where: string): readonly Fault[] {
  const fault = (message: string, kind: Fault['kind'] = 'resource'): readonly Fault[] => [
    { kind, message, where },
  ];
  if (resource === '*') return [];
  if (!resource.includes(':')) return fault(`Resource ${resource} must be in ARN format or "*".`);
  const [, partition = '', service = '', region = '', , ...rest] = resource.split(':');
  if (!/^(aws|aws-cn|aws-us-gov|\*)$/.test(partition))
    return fault(`Partition "${partition}" is not valid for resource "${resource}".`);
  if (service === '' || /[?]/.test(service))
    return fault('Resource vendor must be fully qualified and cannot contain regexes.');
  if (rest.length === 0) return fault('The policy failed legacy parsing', 'legacy');
  if (service === 'iam' && !['', '*'].includes(region))
    return fault(`IAM resource ${resource} cannot contain region information.`);
  if (
    service === 's3' &&
    !['', '*'].includes(region) &&
    !/^(accesspoint|job|storage-lens)/.test(rest.join(':'))
  )
    return fault(`Resource ${resource} can not contain region information.`);
  if (service === 'iam' && !iamPaths.test(rest.join(':')) && rest.join(':') !== 'root')
    return fault(
      'IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.',
    );
  return [];
}
