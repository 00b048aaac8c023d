import { checkDocument, invalidPrincipal } from '../../iam/check.ts';
import { readDocument } from '../../iam/document.ts';
import type { DocumentUse, Fault, PolicyDocument } from '../../iam/document.ts';
import type { Question, Refusal, Value } from '../../kind.ts';
import { isUnknown, refusal, valueAt } from '../values.ts';
import { parseArn } from './arn.ts';

/** The text of a policy document: the provider takes an object too and writes it as JSON. */
export function policyText(value: Value | undefined): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : undefined;
}

/** A document that is in the cloud; none where it cannot be read. */
export function readPolicy(value: Value | undefined): PolicyDocument | undefined {
  const text = policyText(value);
  return text === undefined ? undefined : readDocument(text).document;
}

/** How a service says what is wrong with a document, where its words are not those of IAM. */
export interface PolicyWords {
  readonly code: string;
  readonly use: DocumentUse;
  readonly words?: (fault: Fault) => string;
  /** Faults that this service lets pass. */
  readonly passes?: readonly Fault['kind'][];
}

/** Reads the document that an argument holds and says what is wrong with it. */
export function checkPolicy(
  question: Question,
  property: string,
  { code, use, words, passes = [] }: PolicyWords,
): { readonly document?: PolicyDocument; readonly refusals: readonly Refusal[] } {
  const text = policyText(valueAt(question.inputs, property));
  if (text === undefined || isUnknown(question, property)) return { refusals: [] };
  const { document, faults } = checkDocument(text, use);
  const heard = faults.filter(({ kind }) => !passes.includes(kind));
  const refusals = [
    ...heard.map((fault) => {
      const message =
        fault.kind === 'json' ? `"${property}" ${fault.message}` : (words?.(fault) ?? fault.message);
      return refusal(code, message, property);
    }),
    ...(document === undefined ? [] : missingRoles(question, document, property, code, words)),
  ];
  return { ...(document && { document }), refusals };
}

/** Roles that a document names must be there: services turn their ARNs into ids when they store it. */
function missingRoles(
  { calling, cloud, place }: Question,
  document: PolicyDocument,
  property: string,
  code: string,
  words?: (fault: Fault) => string,
): readonly Refusal[] {
  if (calling === undefined) return [];
  return document.statements
    .flatMap(({ principals = [] }) => principals)
    .filter(({ type, name }) => {
      const parts = type === 'AWS' ? parseArn(name) : undefined;
      const own = parts?.account === place.account && parts.resource.startsWith('role/');
      return own && cloud.byArn(name) === undefined;
    })
    .map((principal) => {
      const message = invalidPrincipal(principal);
      return refusal(code, words?.({ kind: 'principal', message, where: property }) ?? message, property);
    });
}
