import { isInternet } from './addresses.ts';
import { everyOf, someOf, type Condition, type Statement } from './documents.ts';
import { allOf, anyOf, not, type Fact } from './facts.ts';
import { unknown } from './values.ts';

// Conditions that say who, as S3 tells public policies from others; what else is asked, as TLS, leaves it open:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
const saysWho =
  /^(aws:(SourceAccount|SourceArn|SourceOwner|SourceOrgID|SourceOrgPaths|PrincipalOrgID|PrincipalOrgPaths|PrincipalAccount|PrincipalArn|SourceVpc|SourceVpce|SourceIp|VpcSourceIp|UserId)|kms:CallerAccount|s3:DataAccessPoint(Arn|Account))$/i;
// They are true of everybody else, or of whoever does not say.
const asksNothing = /Not|Null|IfExists|ForAllValues/i;

/** Whether a statement allows everybody in the world. */
export function isForAll({ allows, principals, notPrincipals, conditions }: Statement): Fact {
  return allOf(
    allows,
    anyOf(
      someOf(principals, (each) => each === '*'),
      notPrincipals.length > 0,
    ),
    not(holdsOne(conditions, narrows)),
  );
}

// Whoever has an account there can have a token of them. Kept to those that a cloud is deployed from.
const sharedIssuer =
  /(?:^|oidc-provider\/)(token\.actions\.githubusercontent\.com|gitlab\.com|app\.terraform\.io|api\.pulumi\.com\/oidc|oidc\.circleci\.com|agent\.buildkite\.com)/;

/** Whether a trust lets in whoever has an account with an issuer of tokens that the whole world uses. */
export function isForAllOfAnIssuer({ allows, principals, conditions }: Statement): Fact {
  return allOf(
    allows,
    someOf(principals, (each) => sharedIssuer.test(each)),
    not(holdsOne(conditions, namesTheirs)),
  );
}

function holdsOne(conditions: Statement['conditions'], asked: (condition: Condition) => Fact): Fact {
  return conditions === unknown ? unknown : anyOf(...conditions.map(asked));
}

function narrows({ operator, key, values }: Condition): Fact {
  return allOf(!asksNothing.test(operator), saysWho.test(key), everyOf(values, isSomebody));
}

// A star is somebody's where an account, an organisation or a user stands before it.
function isSomebody(value: string): boolean {
  return (!/[*?]/.test(value) || /\d{12}|^o-\w+\/|^A[A-Z0-9]{15,}:/.test(value)) && !isInternet(value);
}

function namesTheirs({ operator, key, values }: Condition): Fact {
  return allOf(
    !asksNothing.test(operator),
    sharedIssuer.test(key) && !key.endsWith(':aud'),
    everyOf(values, (value) =>
      value.startsWith('repo:') ? /^repo:[^*?/]+\//.test(value) : !/^([^*?:]*:)?[*?]/.test(value),
    ),
  );
}
