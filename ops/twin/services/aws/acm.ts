import type { CloudView, Kind, Question, Refusal, Thing, Values } from '../../kind.ts';
import { hexOf, isGiven, objectsAt, onCall, refusal, textAt, textOf, textsAt, uuidOf } from '../values.ts';

const certificateType = 'aws:acm/certificate:Certificate';
const validationType = 'aws:acm/certificateValidation:CertificateValidation';

// The pattern of the API: https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
const domainPattern =
  /^(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])$/;

const certificate: Kind = {
  type: certificateType,
  api: {
    service: 'ACM',
    create: 'RequestCertificate',
    read: 'DescribeCertificate',
    update: 'UpdateCertificateOptions',
    delete: 'DeleteCertificate',
  },
  quota: {
    count: 2500,
    per: 'region',
    refusal: {
      code: 'LimitExceededException',
      message: 'Error: you have reached your limit of 2500 certificates in the last year.',
    },
  },
  takes: { create: 6, update: 2, delete: 2 },
  retries: { code: 'ResourceInUseException', seconds: 1200 },
  replaces: [
    'domainName',
    'keyAlgorithm',
    'subjectAlternativeNames',
    'validationMethod',
    'validationOptions',
  ],
  secret: ['privateKey'],
  check: (question) => [...originProblems(question), ...domainProblems(question)],
  id: ({ place }, random) => `arn:aws:acm:${place.region}:${place.account}:certificate/${uuidOf(random)}`,
  outputs({ place, inputs, cloud }) {
    const imported = textAt(inputs, 'certificateBody') !== undefined;
    const issuedAtOnce = imported || textAt(inputs, 'certificateAuthorityArn') !== undefined;
    const now = new Date(cloud.now);
    const later = new Date(cloud.now + 395 * 86_400_000);
    return {
      domainName: textAt(inputs, 'domainName') ?? 'imported.invalid',
      domainValidationOptions: issuedAtOnce
        ? []
        : domainsOf(inputs).map((domain) => validationOf(domain, place.account)),
      keyAlgorithm: 'RSA_2048',
      notAfter: issuedAtOnce ? later.toISOString() : '',
      notBefore: issuedAtOnce ? now.toISOString() : '',
      options: { certificateTransparencyLoggingPreference: 'ENABLED', export: 'DISABLED' },
      pendingRenewal: false,
      renewalEligibility: 'INELIGIBLE',
      renewalSummaries: [],
      status: issuedAtOnce ? 'ISSUED' : 'PENDING_VALIDATION',
      subjectAlternativeNames: domainsOf(inputs),
      type: imported ? 'IMPORTED' : issuedAtOnce ? 'PRIVATE' : 'AMAZON_ISSUED',
      validationEmails: [],
      validationMethod: imported ? 'NONE' : 'EMAIL',
      validationOptions: [],
    };
  },
  arn: (_question, id) => id,
  // https://github.com/dfds/infrastructure-modules/issues/5
  holds(thing, cloud) {
    const used = cloud
      .all('aws:lb/listener:Listener', { account: thing.account })
      .some((listener) => textOf(listener, 'certificateArn') === thing.id);
    return used
      ? refusal('ResourceInUseException', `Certificate ${thing.id} in account ${thing.account} is in use.`)
      : undefined;
  },
};

const validation: Kind = {
  type: validationType,
  api: {
    service: 'ACM',
    create: 'DescribeCertificate',
    read: 'DescribeCertificate',
    delete: 'DescribeCertificate',
  },
  references: [
    {
      property: 'certificateArn',
      to: certificateType,
      by: 'arn',
      missing: { code: 'ResourceNotFoundException', message: 'Could not find certificate {value}.' },
    },
  ],
  takes: { create: 60 },
  replaces: ['certificateArn', 'validationRecordFqdns'],
  check: (question) =>
    onCall(question, () => {
      const found = question.cloud.byArn(textAt(question.inputs, 'certificateArn') ?? '');
      return found === undefined ? [] : validationProblems(question, found);
    }),
  // The provider takes the time of issue for the id.
  id: ({ cloud }) => `${new Date(cloud.now).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`,
  outputs: () => ({}),
};

export const acmKinds: readonly Kind[] = [certificate, validation];

/**
 * Whether a certificate can be used: it came from elsewhere, or its DNS records are there and ACM had the time to see
 * them, which is when a CertificateValidation has waited for it or after a minute.
 */
export function isIssued(thing: Thing, cloud: CloudView): boolean {
  if (textOf(thing, 'status') === 'ISSUED') return true;
  const records = validationsOf(thing).map((each) => recordFor(each, thing, cloud));
  if (records.length === 0 || records.some((record) => record === undefined)) return false;
  const waited = cloud
    .all(validationType, { account: thing.account })
    .some((each) => textOf(each, 'certificateArn') === thing.id);
  const newest = Math.max(...records.map((record) => record?.createdMs ?? 0));
  return waited || cloud.now - newest >= 60_000;
}

function domainsOf(inputs: Values): readonly string[] {
  const first = textAt(inputs, 'domainName');
  return [
    ...new Set([...(first === undefined ? [] : [first]), ...textsAt(inputs, 'subjectAlternativeNames')]),
  ];
}

/** The record that proves a domain: the same for a name and its wildcard, and for every certificate of an account. */
function validationOf(domainName: string, account: string): Values {
  const base = domainName.replace(/^\*\./, '');
  const seed = `${account} ${base}`;
  return {
    domainName,
    resourceRecordName: `_${hexOf(`${seed} name`, 32)}.${base}.`,
    resourceRecordType: 'CNAME',
    resourceRecordValue: `_${hexOf(`${seed} value`, 32)}.${letters(seed)}.acm-validations.aws.`,
  };
}

function letters(seed: string): string {
  return [...hexOf(`${seed} host`, 20)]
    .map((digit) => 'bcdfghjklmnpqrst'[Number.parseInt(digit, 16)])
    .slice(0, 10)
    .join('');
}

function validationsOf(thing: Thing): readonly Values[] {
  return objectsAt(thing.outputs, 'domainValidationOptions');
}

/** The record in a public zone of the account that answers for a domain. */
function recordFor(wanted: Values, { account }: Thing, cloud: CloudView): Thing | undefined {
  const everywhere = { account };
  const open = cloud
    .all('aws:route53/zone:Zone', everywhere)
    .filter((zone) => objectsAt(zone.inputs, 'vpcs').length === 0)
    .map((zone) => zone.id);
  return cloud
    .all('aws:route53/record:Record', everywhere)
    .filter((record) => open.includes(textOf(record, 'zoneId') ?? ''))
    .find(
      (record) =>
        sameName(textOf(record, 'fqdn'), textAt(wanted, 'resourceRecordName')) &&
        textOf(record, 'type') === 'CNAME' &&
        textsAt(record.inputs, 'records').some((value) =>
          sameName(value, textAt(wanted, 'resourceRecordValue')),
        ),
    );
}

function sameName(one: string | undefined, other: string | undefined): boolean {
  const plain = (name: string | undefined) => name?.toLowerCase().replace(/\.$/, '');
  return one !== undefined && plain(one) === plain(other);
}

function originProblems(question: Question): Refusal[] {
  const requested = isGiven(question, 'domainName');
  const imported = isGiven(question, 'certificateBody') || isGiven(question, 'privateKey');
  if (requested === imported)
    return [
      refusal(
        'InvalidParameterException',
        'one of `domain_name,private_key` must be specified',
        'domainName',
      ),
    ];
  return requested || isGiven(question, 'certificateBody')
    ? []
    : [
        refusal(
          'InvalidParameterException',
          'all of `certificate_body,private_key` must be specified',
          'certificateBody',
        ),
      ];
}

function domainProblems({ inputs }: Question): Refusal[] {
  const names = [
    ['domainName', textAt(inputs, 'domainName')] as const,
    ...textsAt(inputs, 'subjectAlternativeNames').map(
      (name, index) => [`subjectAlternativeNames[${index}]`, name] as const,
    ),
  ];
  return names.flatMap(([property, name]) =>
    name === undefined || (domainPattern.test(name) && name.length <= 253)
      ? []
      : [
          refusal(
            'ValidationException',
            `1 validation error detected: Value '${name}' at '${property}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${domainPattern.source}`,
            property,
          ),
        ],
  );
}

function validationProblems({ inputs, cloud }: Question, found: Thing): Refusal[] {
  if (textOf(found, 'status') === 'ISSUED') return [];
  const wanted = validationsOf(found);
  const given = textsAt(inputs, 'validationRecordFqdns');
  // The provider compares names before it waits, in these words.
  const unnamed = wanted.find(
    (each) => !given.some((fqdn) => sameName(fqdn, textAt(each, 'resourceRecordName'))),
  );
  if (given.length > 0 && unnamed !== undefined)
    return [
      refusal(
        'ValidationException',
        `missing ${textAt(unnamed, 'domainName')} DNS validation record: ${textAt(unnamed, 'resourceRecordName')?.replace(/\.$/, '')}`,
        'validationRecordFqdns',
      ),
    ];
  const waits = wanted.some((each) => recordFor(each, found, cloud) === undefined);
  return waits
    ? [
        refusal(
          'Timeout',
          `waiting for ACM Certificate (${found.id}) to be issued: timeout while waiting for state to become 'ISSUED' (last state: 'PENDING_VALIDATION', timeout: 1h15m0s)`,
        ),
      ]
    : [];
}
