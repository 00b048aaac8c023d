import {
  Certificate as AcmCertificate,
  type CertificateArgs as AcmArgs,
} from '@pulumi/aws/acm/certificate.js';
import {
  CertificateValidation,
  type CertificateValidationArgs,
} from '@pulumi/aws/acm/certificateValidation.js';
import { Record as ZoneRecord, type RecordArgs } from '@pulumi/aws/route53/record.js';
import * as pulumi from '@pulumi/pulumi';
import type { DnsZone } from './dns-zone.ts';
import { domainProblem, isWithin, validationNames } from './domain-name.ts';
import { describer, refuseWrong, regionalName, tagsOf, type AwsArgs } from './transform.ts';

/** The children of a certificate and their arguments, for `transform`. */
export interface CertificateChildren {
  certificate: AcmArgs;
  record: RecordArgs;
  validation: CertificateValidationArgs;
}

export interface CertificateArgs extends AwsArgs<CertificateChildren> {
  /** Where the names are, and where its proofs are written. */
  readonly zone: DnsZone;
  /** `api.coinestate.io`, or with a wildcard `*.coinestate.io`. */
  readonly domain: string;
  /** Further names that it is good for. @default none */
  readonly alternatives?: readonly string[];
  /** A certificate with the same names in another region: the proof is the same record, and stays that one's. @default none */
  readonly provedBy?: Certificate;
}

/**
 * A certificate that proves itself by records in a zone, and renews itself as long as they are there. It is ready when
 * it is issued: whatever uses `arn` waits for that. For CloudFront its site must be in us-east-1.
 *
 * @example
 * const certificate = new Certificate('coinestate-api', { site, zone, domain: 'api.coinestate.io' });
 */
export class Certificate extends pulumi.ComponentResource {
  /** Known once it is issued. */
  readonly arn: pulumi.Output<string>;
  readonly domain: string;
  /** The records that prove it, by name; none where another certificate keeps them. */
  readonly records: readonly ZoneRecord[];

  constructor(name: string, args: CertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    const { site, zone, domain, alternatives = [], provedBy } = args;
    const names = [domain, ...alternatives];
    refuseWrong('certificate', name, [
      ...names.map((each) => domainProblem('domain', each)),
      ...names.map((each) =>
        isWithin(each.replace(/^\*\./, ''), zone.domain)
          ? undefined
          : `domain: ${each} is not in the zone ${zone.domain}, where it would be proved`,
      ),
      // It becomes the common name: docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html.
      domain.length > 64
        ? `domain: ${domain} has ${domain.length} letters, and the first name may have 64; put a shorter one first and this one among alternatives`
        : undefined,
      ...names.filter((each, place) => names.indexOf(each) !== place).map((each) => `domain: ${each} twice`),
    ]);
    super('cutover:aws:Certificate', regionalName(name, site), {}, opts);
    const describe = describer(this, name, args, opts);
    const { region } = site;

    const certificate = describe(
      'certificate',
      AcmCertificate,
      {
        region,
        domainName: domain,
        ...(alternatives.length === 0 ? {} : { subjectAlternativeNames: [...alternatives] }),
        validationMethod: 'DNS',
        tags: tagsOf(site, name),
      },
      { part: 'certificate' },
    );
    const proofs = provedBy === undefined ? validationNames(names) : [];
    // Of a.b.io and a-b.io the second keeps its dots.
    const parts = proofs.map((proved) => proved.replaceAll('.', '-'));
    this.records = proofs.map((proved, place) => {
      const part = parts.indexOf(parts[place] ?? '') === place ? parts[place] : proved;
      const option = certificate.domainValidationOptions.apply((all) =>
        // Every name is listed, a wildcard with its star; only the types allow for none.
        all.find(({ domainName }) => domainName.replace(/^\*\./, '') === proved),
      );
      return describe(
        'record',
        ZoneRecord,
        {
          zoneId: zone.id,
          name: option.apply((found) => found?.resourceRecordName ?? proved),
          type: option.apply((found) => found?.resourceRecordType ?? 'CNAME'),
          records: [option.apply((found) => found?.resourceRecordValue ?? '')],
          ttl: 300,
        },
        { part: `proof-${part}` },
      );
    });
    const validation = describe(
      'validation',
      CertificateValidation,
      {
        region,
        certificateArn: certificate.arn,
        validationRecordFqdns: (provedBy?.records ?? this.records).map(({ fqdn }) => fqdn),
      },
      // It is issued within minutes of its records; where it is not, the zone is not the one that the world asks.
      { opts: { customTimeouts: { create: '30m' } } },
    );
    this.arn = validation.certificateArn;
    this.domain = domain;
    this.registerOutputs({ arn: this.arn, domain });
  }
}
