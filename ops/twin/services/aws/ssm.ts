import type { Kind, Question, Refusal } from '../../kind.ts';
import { flagAt, isGiven, isUnknown, refusal, textAt } from '../values.ts';
import { arn } from './arn.ts';
import { keyProblems } from './kms-lookup.ts';

/** The type of a parameter of the store. */
export const parameterType = 'aws:ssm/parameter:Parameter';
const types = ['String', 'StringList', 'SecureString'];

const parameter: Kind = {
  type: parameterType,
  api: {
    service: 'SSM',
    create: 'PutParameter',
    read: 'GetParameter',
    update: 'PutParameter',
    delete: 'DeleteParameter',
  },
  naming: { property: 'name', maxLength: 2048 },
  quota: {
    count: 10_000,
    per: 'region',
    refusal: {
      code: 'ParameterLimitExceeded',
      message:
        'You have reached the maximum number of standard parameters for this AWS account and Region (10000). To add more parameters, either delete existing parameters or upgrade to the advanced-parameter tier (charges apply).',
    },
  },
  takes: { create: 1 },
  replaces: ['dataType', 'name'],
  updates: ['allowedPattern', 'description', 'insecureValue', 'keyId', 'overwrite', 'tier', 'type', 'value'],
  secret: ['value'],
  check: (question) => [
    ...nameProblems(question),
    ...valueProblems(question),
    ...takenProblems(question),
    ...keyProblems(question, 'keyId', (_why, key) =>
      refusal('InvalidKeyId', `Key '${key}' does not exist`, 'keyId'),
    ),
  ],
  id: ({ inputs }) => textAt(inputs, 'name') ?? '',
  outputs({ place, inputs, before }, id) {
    const version = before?.outputs['version'];
    return {
      arn: parameterArn(place, id),
      dataType: 'text',
      hasValueWo: textAt(inputs, 'valueWo') !== undefined,
      insecureValue: textAt(inputs, 'type') === 'SecureString' ? '' : (textAt(inputs, 'value') ?? ''),
      keyId: textAt(inputs, 'type') === 'SecureString' ? 'alias/aws/ssm' : '',
      tier: 'Standard',
      value: textAt(inputs, 'insecureValue') ?? '',
      version: typeof version === 'number' ? version + 1 : 1,
    };
  },
  arn: ({ place }, id) => parameterArn(place, id),
};

/** Parameters of Systems Manager. */
export const ssmKinds: readonly Kind[] = [parameter];

function parameterArn(place: Question['place'], name: string): string {
  return arn('ssm', place, `parameter${name.startsWith('/') ? '' : '/'}${name}`);
}

function nameProblems({ inputs }: Question): readonly Refusal[] {
  const name = textAt(inputs, 'name');
  if (name === undefined) return [];
  const say = (code: string, message: string): readonly Refusal[] => [refusal(code, message, 'name')];
  // https://github.com/aws-solutions/quota-monitor-for-aws/issues/30
  if (/^\/?aws/i.test(name))
    return say('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
  if (/^\/?ssm/i.test(name) || !/^[a-zA-Z0-9_.\-/]+$/.test(name))
    return say(
      'ValidationException',
      `Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`,
    );
  if (name.includes('/') && !name.startsWith('/'))
    return say('ValidationException', 'Parameter name must be a fully qualified name.');
  if (name.split('/').length - 1 > 15)
    return say(
      'HierarchyLevelLimitExceededException',
      'A hierarchy can have a maximum of 15 levels. For more information, see Requirements and constraints for parameter names in the AWS Systems Manager User Guide.',
    );
  // The whole ARN counts: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
  return name.length > 1011
    ? say('ValidationException', 'Parameter name must not be longer than 1011 characters.')
    : [];
}

function valueProblems(question: Question): readonly Refusal[] {
  const { inputs } = question;
  const type = textAt(inputs, 'type');
  const tier = textAt(inputs, 'tier') ?? 'Standard';
  const given = ['value', 'insecureValue', 'valueWo'].filter((each) => isGiven(question, each));
  const value = textAt(inputs, 'value') ?? textAt(inputs, 'insecureValue') ?? textAt(inputs, 'valueWo');
  const say = (message: string, property: string): readonly Refusal[] => [
    refusal('ValidationException', message, property),
  ];
  if (type !== undefined && !types.includes(type))
    return say(
      `1 validation error detected: Value '${type}' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [SecureString, StringList, String]`,
      'type',
    );
  if (!['Standard', 'Advanced', 'Intelligent-Tiering'].includes(tier))
    return say(
      `expected tier to be one of ["Standard" "Advanced" "Intelligent-Tiering"], got ${tier}`,
      'tier',
    );
  if (given.length !== 1)
    return say(
      `"${given[0] ?? 'value'}": one of \`insecure_value,value,value_wo\` must be specified, and only one`,
      given[0] ?? 'value',
    );
  if (type === 'SecureString' && given.includes('insecureValue'))
    return say('"insecure_value": cannot be used with type SecureString', 'insecureValue');
  if (type !== 'SecureString' && isGiven(question, 'keyId') && !isUnknown(question, 'type'))
    return say('KeyId is not required for parameter type String.', 'keyId');
  return value === undefined ? [] : contentProblems(value, tier, textAt(inputs, 'allowedPattern'));
}

function contentProblems(value: string, tier: string, pattern: string | undefined): readonly Refusal[] {
  const size = Buffer.byteLength(value);
  const say = (message: string, code = 'ValidationException'): readonly Refusal[] => [
    refusal(code, message, 'value'),
  ];
  if (size === 0)
    return say(
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
    );
  // https://github.com/github-aws-runners/terraform-aws-github-runner/issues/3815
  if (size > 4096 && tier !== 'Advanced' && !(tier === 'Intelligent-Tiering' && size <= 8192))
    return say(
      'Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html',
    );
  if (size > 8192)
    return say('Advanced tier parameters support a maximum parameter value of 8192 characters.');
  if (/\{\{.*\}\}/.test(value))
    return say('Parameter value cannot nest another parameter. Do not use "{{}}" in the value.');
  return pattern !== undefined && !new RegExp(pattern).test(value)
    ? say(
        `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
        'ParameterPatternMismatchException',
      )
    : [];
}

function takenProblems({ inputs, cloud, place, before }: Question): readonly Refusal[] {
  const name = textAt(inputs, 'name') ?? '';
  const taken = before === undefined && cloud.get(parameterType, name, place) !== undefined;
  return taken && flagAt(inputs, 'overwrite') !== true
    ? [
        refusal(
          'ParameterAlreadyExists',
          'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
          'name',
        ),
      ]
    : [];
}
