/** What differs from region to region. */
export interface Region {
  /** `us-east-1`. */
  readonly name: string;
  /** Where it is, as AWS writes it. */
  readonly description: string;
  /** How ids of its zones begin, `use1`. */
  readonly code: string;
  /** Last letters of its zones that new accounts get. */
  readonly zones: string;
  /** The hosted zones of load balancers' names: application ones, network ones. */
  readonly applicationZoneId: string;
  readonly networkZoneId: string;
  /** The account from which load balancers write their logs. */
  readonly loadBalancerAccount: string;
  /** The managed prefix list of S3. */
  readonly s3PrefixListId: string;
}

// https://docs.aws.amazon.com/general/latest/gr/elb.html (hosted zones),
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html (accounts)
const table = [
  'us-east-1      use1  abcdef Z35SXDOTRQ7X7K Z26RNL4JYFTOTI 127311923021 pl-63a5400a US East (N. Virginia)',
  'us-east-2      use2  abc    Z3AADJGX6KTTL2 ZLMOA37VPKANP  033677994240 pl-7ba54012 US East (Ohio)',
  'us-west-1      usw1  ac     Z368ELLRRE2KJ0 Z24FKFUX50B4VW 027434742980 pl-6ba54002 US West (N. California)',
  'us-west-2      usw2  abcd   Z1H1FL5HABSF5  Z18D5FSROUN65G 797873946194 pl-68a54001 US West (Oregon)',
  'ca-central-1   cac1  abd    ZQSVJUPU6J1EY  Z2EPGBW3API2WT 985666609251 pl-7da54014 Canada (Central)',
  'sa-east-1      sae1  abc    Z2P70J7HTTTPLU ZTK26PT1VY4CU  507241528517 pl-6aa54003 South America (Sao Paulo)',
  'eu-west-1      euw1  abc    Z32O12XQLNTSW2 Z2IFOLAFXWLO4F 156460612806 pl-6da54004 EU (Ireland)',
  'eu-west-2      euw2  abc    ZHURV8PSTC4K8  ZD4D7Y8KGAS4G  652711504416 pl-7ca54015 EU (London)',
  'eu-west-3      euw3  abc    Z3Q77PNBQS71R4 Z1CMS0P5QUZ6D5 009996457667 pl-23ad484a EU (Paris)',
  'eu-central-1   euc1  abc    Z215JYRZR1TBD5 Z3F0SRJ5LGBH90 054676820928 pl-6ea54007 EU (Frankfurt)',
  'eu-north-1     eun1  abc    Z23TAZ6LKFMNIO Z1UDT6IFJ4EJM  897822967062 pl-c3aa4faa EU (Stockholm)',
  'ap-south-1     aps1  abc    ZP97RAFLXTNZK  ZVDDRBQ08TROA  718504428378 pl-78a54011 Asia Pacific (Mumbai)',
  'ap-northeast-1 apne1 acd    Z14GRHDCWA56QT Z31USIVHYNEOWT 582318560864 pl-61a54008 Asia Pacific (Tokyo)',
  'ap-northeast-2 apne2 abcd   ZWKZPGTI48KDX  ZIBE1TIR4HY56  600734575887 pl-78a54011 Asia Pacific (Seoul)',
  'ap-southeast-1 apse1 abc    Z1LMS91P8CMLE5 ZKVM4W9LS7TM   114774131450 pl-6fa54006 Asia Pacific (Singapore)',
  'ap-southeast-2 apse2 abc    Z1GM3OXH4ZPM65 ZCT6FZBF4DROD  783225319266 pl-6ca54005 Asia Pacific (Sydney)',
];

/** The regions that the twin knows: those that are on in every account and that the systems may use. */
export const regions: readonly Region[] = table.map((line) => {
  const [name = '', code = '', zones = '', applicationZoneId = '', networkZoneId = '', ...rest] =
    line.split(/ +/);
  const [loadBalancerAccount = '', s3PrefixListId = '', ...description] = rest;
  return {
    name,
    code,
    zones,
    applicationZoneId,
    networkZoneId,
    loadBalancerAccount,
    s3PrefixListId,
    description: description.join(' '),
  };
});

/** A region by its name; undefined for names that the twin does not know. */
export function regionOf(name: string): Region | undefined {
  return regions.find((region) => region.name === name);
}

/** The names of the zones of a region, `us-east-1a` and so on; none for a region that the twin does not know. */
export function zonesOf(name: string): readonly string[] {
  return [...(regionOf(name)?.zones ?? '')].map((letter) => `${name}${letter}`);
}

/** The id of a zone, the same in every account: `use1-az1`. Which letter it has differs by account; here it is the order. */
export function zoneId(region: string, zone: string): string {
  return `${regionOf(region)?.code ?? region}-az${zonesOf(region).indexOf(zone) + 1}`;
}
