import type { Kind, Question, Refusal } from '../../kind.ts';
import { onCall, refusal, textAt, textOf, textsAt } from '../values.ts';
import { parseArn } from './arn.ts';
import { invalid, webAclType } from './wafv2.ts';

const toWebAcl = (property: string) => ({
  property,
  to: webAclType,
  by: 'arn',
  missing: {
    code: 'WAFNonexistentItemException',
    message: 'AWS WAF couldn’t perform the operation because your resource doesn’t exist.',
  },
});

const association: Kind = {
  type: 'aws:wafv2/webAclAssociation:WebAclAssociation',
  api: {
    service: 'WAFV2',
    create: 'AssociateWebACL',
    read: 'GetWebACLForResource',
    delete: 'DisassociateWebACL',
  },
  references: [
    {
      ...toWebAcl('webAclArn'),
      blocks: {
        code: 'WAFAssociatedItemException',
        message:
          'AWS WAF couldn’t perform the operation because your resource is being used by another resource or it’s associated with another resource.',
      },
    },
  ],
  takes: { create: 5, delete: 5 },
  replaces: ['resourceArn', 'webAclArn'],
  check: (question) => [...associatedArn(question), ...onCall(question, () => balancerProblems(question))],
  id: ({ inputs }) => `${textAt(inputs, 'webAclArn')},${textAt(inputs, 'resourceArn')}`,
  outputs: () => ({}),
};

const logging: Kind = {
  type: 'aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration',
  api: {
    service: 'WAFV2',
    create: 'PutLoggingConfiguration',
    read: 'GetLoggingConfiguration',
    update: 'PutLoggingConfiguration',
    delete: 'DeleteLoggingConfiguration',
  },
  references: [toWebAcl('resourceArn')],
  takes: { create: 3, update: 3, delete: 2 },
  replaces: ['resourceArn'],
  check: (question) => [
    ...destinationProblems(question),
    ...onCall(question, () => logGroupProblems(question)),
  ],
  id: ({ inputs }) => textAt(inputs, 'resourceArn') ?? '',
  outputs: () => ({}),
};

export const wafv2LinkKinds: readonly Kind[] = [association, logging];

const invalidArn =
  "The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes.";

/** What can be protected in a region: https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html */
function associatedArn({ inputs, place }: Question): Refusal[] {
  const text = textAt(inputs, 'resourceArn');
  if (text === undefined) return [];
  const parts = parseArn(text);
  const kinds: Readonly<Record<string, RegExp>> = {
    elasticloadbalancing: /^loadbalancer\/app\//,
    apigateway: /^\/restapis\/.+\/stages\//,
    appsync: /^apis\//,
    apprunner: /^service\//,
    'cognito-idp': /^userpool\//,
    ec2: /^verified-access-instance\//,
    amplify: /^apps\//,
  };
  const fits =
    parts !== undefined &&
    kinds[parts.service]?.test(parts.resource) === true &&
    parts.region === place.region;
  const global = parseArn(textAt(inputs, 'webAclArn') ?? '')?.resource.startsWith('global/') === true;
  return [
    ...(fits ? [] : [invalid(invalidArn, 'RESOURCE_ARN', text, 'resourceArn')]),
    ...(global ? [invalid(invalidArn, 'RESOURCE_ARN', textAt(inputs, 'webAclArn') ?? '', 'webAclArn')] : []),
  ];
}

function balancerProblems({ inputs, cloud }: Question): Refusal[] {
  const text = textAt(inputs, 'resourceArn') ?? '';
  return parseArn(text)?.service === 'elasticloadbalancing' && cloud.byArn(text) === undefined
    ? [
        refusal(
          'WAFUnavailableEntityException',
          'AWS WAF couldn’t retrieve the resource that you requested. Retry your request.',
          'resourceArn',
        ),
      ]
    : [];
}

// https://github.com/YumaInaura/YumaInaura/issues/4006: the name must begin with aws-waf-logs-, and this is how WAF says so.
function destinationProblems({ inputs }: Question): Refusal[] {
  const destinations = textsAt(inputs, 'logDestinationConfigs');
  const named = (text: string) => {
    const { service: owner, resource = '' } = parseArn(text) ?? {};
    if (owner === 'logs') return /^log-group:aws-waf-logs-/.test(resource);
    if (owner === 's3') return resource.startsWith('aws-waf-logs-');
    return owner === 'firehose' && /^deliverystream\/aws-waf-logs-/.test(resource);
  };
  return [
    ...(destinations.length > 1
      ? [invalid('You can have only one log destination.', 'LOG_DESTINATION', '', 'logDestinationConfigs')]
      : []),
    ...destinations.flatMap((text, index) =>
      named(text) ? [] : [invalid(invalidArn, 'LOG_DESTINATION', text, `logDestinationConfigs[${index}]`)],
    ),
  ];
}

function logGroupProblems({ inputs, cloud, place }: Question): Refusal[] {
  return textsAt(inputs, 'logDestinationConfigs').flatMap((text, index) => {
    const parts = parseArn(text);
    if (parts?.service !== 'logs') return [];
    const name = parts.resource.replace(/^log-group:/, '').replace(/:\*$/, '');
    const there = cloud
      .all('aws:cloudwatch/logGroup:LogGroup', place)
      .some((each) => textOf(each, 'name') === name);
    return there
      ? []
      : [
          invalid(
            'The log destination was not found.',
            'LOG_DESTINATION',
            text,
            `logDestinationConfigs[${index}]`,
          ),
        ];
  });
}
