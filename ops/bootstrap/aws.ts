import { requestLimits, type RequestLimits } from '@cutover/base/aws-requests.ts';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';

/** What every client of AWS is made with. `AWS_ENDPOINT_URL` and credentials the SDK reads by itself. */
export interface ClientOptions {
  readonly region: string;
  readonly maxAttempts: number;
  readonly requestHandler: RequestLimits;
  readonly forcePathStyle: boolean;
}

/** Options of a client in a region: four attempts, none longer than 20 s. */
export function clientOptions(region: string): ClientOptions {
  return {
    region,
    maxAttempts: 4,
    requestHandler: requestLimits(5_000, 20_000),
    // What stands in for AWS answers at one address, not at one for each bucket.
    forcePathStyle: process.env['AWS_ENDPOINT_URL'] !== undefined,
  };
}

/** Does something in AWS and puts what goes wrong into words. `deed` is what it does: `create the key alias/x`. */
export async function inAws<T>(deed: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof CutoverError ? error : refusalOf(deed, error);
  }
}

/** What something in AWS is, or undefined where AWS says that it is not there. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (missing.test(nameOf(error))) return undefined;
    throw error;
  }
}

const missing =
  /^(NotFound(Exception)?|NoSuch\w+|\w+NotFound(Error|Exception|Fault)?|Invalid\w+ID\.NotFound|ResourceNotFound\w*|ServerSideEncryptionConfigurationNotFoundError|OwnershipControlsNotFoundError|InvalidAllocationID\.NotFound|NoSuchEntityException|ParameterNotFound)$/;

/** The name of an error of AWS. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

// Without the cause: the SDK hangs the whole answer on its errors.
function refusalOf(deed: string, error: unknown): CutoverError {
  const message = sayable(error);
  const name = nameOf(error);
  if (
    /Credentials|ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|^TokenProvider|AuthFailure/.test(
      name,
    )
  ) {
    const profile = process.env['AWS_PROFILE'];
    const credentials = profile ? `the credentials of the profile ${profile}` : 'these credentials';
    return new CutoverError('CUT-5472', { credentials, message });
  }
  if (/AccessDenied|UnauthorizedOperation|NotAuthorized|Forbidden/.test(name)) {
    return new CutoverError('CUT-5473', { who: 'Who is signed in', message: `${deed}: ${message}` });
  }
  // Without its value, which may carry a key.
  const instead = process.env['AWS_ENDPOINT_URL'] === undefined ? '' : ' (AWS_ENDPOINT_URL is set)';
  return new CutoverError('CUT-5474', { deed, message: `${message}${instead}` });
}

/** One line of what AWS, or the system below, says. */
function sayable(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: string };
  const said = messageOf(error).split('\n')[0]?.trim() ?? '';
  return said === '' || said === 'UnknownError' ? (code ?? (nameOf(error) || 'no more is said')) : said;
}

/** Who is signed in. */
export interface Caller {
  readonly account: string;
  readonly arn: string;
}

/** Asks AWS who is signed in, and refuses any account but the stack's. SIDE EFFECTS: asks AWS. */
export async function signedInTo(stack: string, account: string, region: string): Promise<Caller> {
  const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  const client = new STSClient(clientOptions(region));
  try {
    const who = await inAws('tell who is signed in', () => client.send(new GetCallerIdentityCommand({})));
    if (who.Account !== account) {
      throw new CutoverError('CUT-5471', { found: who.Account, wanted: account, stack });
    }
    return { account, arn: who.Arn ?? '' };
  } finally {
    client.destroy();
  }
}
