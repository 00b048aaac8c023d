import { describe, expect, it } from 'vitest';
import type { Values } from '../../../../../ops/twin/kind.ts';
import { acmKinds, isIssued } from '../../../../../ops/twin/services/aws/acm.ts';
import { ask, fakeCloud, kindOf, made, said, type FakeThing } from '../fake-cloud.ts';

const certificate = kindOf(acmKinds, 'aws:acm/certificate:Certificate');
const validation = kindOf(acmKinds, 'aws:acm/certificateValidation:CertificateValidation');
const inputs = {
  domainName: 'example.com',
  subjectAlternativeNames: ['*.example.com', 'api.example.com'],
  validationMethod: 'DNS',
};
const requested = made(certificate, ask(inputs));
const options = requested.outputs['domainValidationOptions'] as readonly Readonly<Record<string, string>>[];
const zone: FakeThing = {
  type: 'aws:route53/zone:Zone',
  id: 'Z1',
  region: 'global',
  inputs: { name: 'example.com' },
};

/** The records that prove the domains; a name and its wildcard share one. */
const records = (change: Values = {}): FakeThing[] =>
  [...new Set(options.map((option) => option['resourceRecordName'] ?? ''))].map((name) => ({
    type: 'aws:route53/record:Record',
    id: `Z1_${name}_CNAME`,
    region: 'global',
    inputs: {
      zoneId: 'Z1',
      name,
      type: 'CNAME',
      records: [
        options.find((option) => option['resourceRecordName'] === name)?.['resourceRecordValue'] ?? '',
      ],
      ...change,
    },
    outputs: { fqdn: name.replace(/\.$/, '') },
  }));

const fqdns = [...new Set(options.map((option) => (option['resourceRecordName'] ?? '').replace(/\.$/, '')))];
const validated = (given: Values, things: readonly FakeThing[]) =>
  said(validation, ask({ certificateArn: requested.id, ...given }, { things: [requested, ...things] }));

describe('a certificate', () => {
  it('asks for a record for each domain, one for a name and its wildcard', () => {
    expect(requested.outputs).toMatchObject({ status: 'PENDING_VALIDATION', type: 'AMAZON_ISSUED' });
    expect(options.map((option) => option['domainName'])).toEqual([
      'example.com',
      '*.example.com',
      'api.example.com',
    ]);
    expect(fqdns).toHaveLength(2);
    expect(options[0]?.['resourceRecordValue']).toMatch(/^_[0-9a-f]{32}\.[a-z]{10}\.acm-validations\.aws\.$/);
  });

  it.each<[Values, string]>([
    [{ domainName: 'example' }, "Value 'example' at 'domainName'"],
    [{ domainName: 'https://example.com' }, "at 'domainName' failed to satisfy constraint"],
    [{ ...inputs, subjectAlternativeNames: ['*.*.example.com'] }, "at 'subjectAlternativeNames[0]'"],
    [{}, 'one of `domain_name,private_key` must be specified'],
    [{ privateKey: 'key' }, 'all of `certificate_body,private_key` must be specified'],
  ])('refuses %j', (given, message) => {
    expect(said(certificate, ask(given))[0]).toContain(message);
  });

  it('stays while a listener serves it', () => {
    const listener = { type: 'aws:lb/listener:Listener', id: 'l', inputs: { certificateArn: requested.id } };
    expect(certificate.holds?.(requested, fakeCloud([listener]))).toEqual({
      code: 'ResourceInUseException',
      message: `Certificate ${requested.id} in account 123456789012 is in use.`,
    });
  });
});

describe('the validation of a certificate', () => {
  it('is done when the records are there', () => {
    expect(validated({}, [zone, ...records()])).toEqual([]);
    expect(validated({ validationRecordFqdns: fqdns }, [zone, ...records()])).toEqual([]);
  });

  it('names the record that the program forgot', () => {
    expect(validated({ validationRecordFqdns: fqdns.slice(0, 1) }, [zone, ...records()])).toEqual([
      `ValidationException: missing api.example.com DNS validation record: ${fqdns[1]}`,
    ]);
  });

  it.each<[string, readonly FakeThing[]]>([
    ['none is there', [zone]],
    ['one is missing', [zone, ...records().slice(1)]],
    ['they say something else', [zone, ...records({ records: ['_x.acm-validations.aws.'] })]],
    [
      'they are in a private zone',
      [{ ...zone, inputs: { ...zone.inputs, vpcs: [{ vpcId: 'vpc-1' }] } }, ...records()],
    ],
    ['their zone is not there', records()],
  ])('waits in vain where %s', (_case, things) => {
    expect(validated({}, things)).toEqual([
      `Timeout: waiting for ACM Certificate (${requested.id}) to be issued: timeout while waiting for state to become 'ISSUED' (last state: 'PENDING_VALIDATION', timeout: 1h15m0s)`,
    ]);
  });

  it('makes a certificate usable at once, else it is after a minute', () => {
    const proofs = [requested, zone, ...records()];
    const waited = { type: validation.type, id: 'then', inputs: { certificateArn: requested.id } };
    expect(isIssued(requested, fakeCloud(proofs, 59_999))).toBe(false);
    expect(isIssued(requested, fakeCloud(proofs, 60_000))).toBe(true);
    expect(isIssued(requested, fakeCloud([...proofs, waited], 0))).toBe(true);
    expect(isIssued(requested, fakeCloud([requested, waited], 60_000))).toBe(false);
  });
});
