import type { Condition, PolicyDocument } from './document.ts';

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
const narrowing =
  /^(aws:(PrincipalArn|PrincipalAccount|PrincipalOrgID|PrincipalOrgPaths|PrincipalServiceName|SourceAccount|SourceArn|SourceIp|SourceOrgID|SourceOwner|SourceVpc|SourceVpce|UserId|VpcSourceIp)|s3:DataAccessPointAr[nc]t?|s3:DataAccessPointAccount)$/i;

/** Whether a policy lets anyone in, as S3's public access block sees it. */
export function isPublic({ statements }: PolicyDocument): boolean {
  return statements.some(
    ({ effect, principals, notPrincipals, conditions }) =>
      effect === 'Allow' &&
      (notPrincipals !== undefined || (principals ?? []).some(({ name }) => name === '*')) &&
      !conditions.some(isNarrow),
  );
}

function isNarrow({ operator, key, values }: Condition): boolean {
  return (
    !/Not|Null|IfExists|ForAllValues/.test(operator) &&
    narrowing.test(key) &&
    values.every((value) => !/[*?]/.test(value.replace(/^arn:.*?(\d{12}).*/, '$1')) && value !== '0.0.0.0/0')
  );
}
