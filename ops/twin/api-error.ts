import { createHash } from 'node:crypto';
import type { HeldMap } from './held.ts';
import type { Kind, Refusal } from './kind.ts';

/** What is there although the call failed. */
export interface Partly {
  readonly id: string;
  readonly properties: HeldMap;
  readonly inputs: HeldMap;
}

/** A no of the cloud's API, in the words of the real provider. With `partly` the engine keeps what is there. */
export class ApiError extends Error {
  readonly code: string;
  readonly partly: Partly | undefined;

  constructor(code: string, message: string, partly?: Partly) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.partly = partly;
  }
}

export type Doing = 'creating' | 'reading' | 'updating' | 'deleting';

const verbs: Readonly<Record<Doing, 'create' | 'read' | 'update' | 'delete'>> = {
  creating: 'create',
  reading: 'read',
  updating: 'update',
  deleting: 'delete',
};

/** The API's operation behind a call of the engine. */
export function operationOf({ api }: Pick<Kind, 'api'>, doing: Doing): string {
  return api[verbs[doing]] ?? api.create;
}

/**
 * The text of an error as the real provider prints it: `creating EC2 Subnet (subnet-1): operation error EC2:
 * CreateSubnet, https response error StatusCode: 400, RequestID: …, api error InvalidSubnet.Range: …`.
 */
export function apiText(
  kind: Pick<Kind, 'api'>,
  doing: Doing,
  thing: string,
  { code, message }: Refusal,
  status = 400,
): string {
  const operation = operationOf(kind, doing);
  const request = createHash('sha256').update(`${operation} ${thing} ${code}`).digest('hex');
  const parts = [request.slice(0, 8), request.slice(8, 12), request.slice(12, 16), request.slice(16, 20)];
  const requestId = [...parts, request.slice(20, 32)].join('-');
  return (
    `${doing} ${kind.api.service} ${nounOf(kind.api.create)} (${thing}): operation error ${kind.api.service}: ${operation}, ` +
    `https response error StatusCode: ${status}, RequestID: ${requestId}, api error ${code}: ${message}`
  );
}

/** What the real provider says where a thing does not become what it was asked to be. */
export function waitingText(kind: Pick<Kind, 'api'>, doing: Doing, thing: string, why: string): string {
  const noun = nounOf(kind.api.create);
  return `waiting for ${kind.api.service} ${noun} (${thing}) ${verbs[doing]}: ${why}`;
}

/** `CreateDBSubnetGroup` makes a `DB Subnet Group`. */
function nounOf(operation: string): string {
  const noun = operation.replace(/^[A-Z][a-z]+(?=[A-Z])/, '');
  return noun.replaceAll(/([a-z\d])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3 $2').trim();
}
