import { expect } from 'vitest';
import { checkDocument } from '../../../ops/twin/iam/check.ts';
import { decide, type AccessRequest, type Decision } from '../../../ops/twin/iam/decide.ts';
import type { DocumentUse, PolicyDocument } from '../../../ops/twin/iam/document.ts';

export const account = '123456789012';

/** Reads a document as IAM does; fails when IAM would find a fault in it. */
export function readPolicy(text: string, use: DocumentUse): PolicyDocument {
  const { document, faults } = checkDocument(text, use);
  expect(faults).toEqual([]);
  if (document === undefined) throw new Error('it was not read, and no fault was told');
  return document;
}

const accountDecides = JSON.stringify({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: 'kms:*',
    Resource: '*',
  },
});

/** What IAM says to a role with these policies. */
export function ask(
  policies: readonly string[],
  action: string,
  resource: string,
  context: AccessRequest['context'] = {},
  more: { readonly boundary?: string; readonly resource?: string } = {},
): Decision {
  // A key is opened by its own policy only: it leaves it to its account unless it is said otherwise.
  const own = more.resource ?? (action.startsWith('kms:') ? accountDecides : undefined);
  return decide(
    {
      identity: policies.map((text) => readPolicy(text, 'identity')),
      ...(more.boundary === undefined ? {} : { boundary: readPolicy(more.boundary, 'identity') }),
      ...(own === undefined ? {} : { resource: readPolicy(own, 'resource') }),
    },
    {
      caller: { kind: 'role', arn: `arn:aws:iam::${account}:role/some`, account },
      action,
      resource,
      context,
    },
  );
}
