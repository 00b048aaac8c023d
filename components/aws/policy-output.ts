import * as pulumi from '@pulumi/pulumi';
import { policyDocument, refuseWide, type PolicyKind, type Statement } from './policy-document.ts';

/** What somebody is allowed to do with something: what components hand out, and roles take. */
export type Grant = readonly Statement<pulumi.Input<string>>[];

/**
 * The policy of statements that name things which may not exist yet. What is wrong is refused at once, not when they
 * exist.
 */
export function policyOutput(name: string, kind: PolicyKind, statements: Grant): pulumi.Output<string> {
  refuseWide(name, statements);
  return pulumi
    .output(statements)
    .apply((known) => policyDocument(name, kind, known as readonly Statement[]));
}

/** Several grants as one list; a sid that comes again gets a number. */
export function joinGrants(grants: readonly Grant[]): Grant {
  const seen = new Map<string, number>();
  return grants.flat().map((statement) => {
    const times = (seen.get(statement.sid) ?? 0) + 1;
    seen.set(statement.sid, times);
    return times === 1 ? statement : { ...statement, sid: `${statement.sid}${times}` };
  });
}

/** A value that is known at preview already, and that makes whatever uses it wait for a resource. */
export function knownOnce<Value>(resource: pulumi.Resource, value: Value): pulumi.Output<Value> {
  // The urn is known before the resource is there; it carries the dependency.
  return resource.urn.apply<Value>(() => value);
}
