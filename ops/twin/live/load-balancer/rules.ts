import { BlockList, isIPv6 } from 'node:net';
import type { Thing, Values } from '../../kind.ts';
import { has, numberAt, objectsAt, textAt, textsAt } from '../../services/values.ts';

/** A request, as far as rules look at it. */
export interface AskedOf {
  readonly method: string;
  /** Without its port. */
  readonly host: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly clientAddress: string;
}

/** What is done with a request. */
export type Action =
  | { readonly kind: 'forward'; readonly groups: readonly WeightedGroup[] }
  | { readonly kind: 'redirect'; readonly redirect: Values }
  | { readonly kind: 'fixed'; readonly status: number; readonly type: string; readonly body: string }
  | { readonly kind: 'not played'; readonly type: string };

export interface WeightedGroup {
  readonly arn: string;
  readonly weight: number;
}

/** The actions of the first rule that a request meets, by priority; those of the listener where it meets none. Pure. */
export function actionFor(listener: Thing, rules: readonly Thing[], asked: AskedOf): Action {
  const met = rules
    .toSorted((one, other) => priorityOf(one) - priorityOf(other))
    .find(({ inputs }) => objectsAt(inputs, 'conditions').every((condition) => meets(condition, asked)));
  return met === undefined ? lastOf(listener.inputs, 'defaultActions') : lastOf(met.inputs, 'actions');
}

/** Where a redirect leads. */
export function redirectTo(
  redirect: Values,
  { host, path, query }: AskedOf,
  own: { readonly protocol: string; readonly port: number },
): string {
  const filled = (text: string): string =>
    text
      .replaceAll('#{protocol}', own.protocol.toLowerCase())
      .replaceAll('#{host}', host)
      .replaceAll('#{port}', String(own.port))
      .replaceAll('#{path}', path.replace(/^\//, ''))
      .replaceAll('#{query}', query.toString());
  const part = (name: string, otherwise: string): string => filled(textAt(redirect, name) ?? otherwise);
  const search = part('query', '#{query}');
  const target = `${part('protocol', '#{protocol}').toLowerCase()}://${part('host', '#{host}')}:${part('port', '#{port}')}`;
  return `${target}${part('path', '/#{path}')}${search === '' ? '' : `?${search}`}`;
}

/** The group that gets the request: by weight, `share` from 0 to 1. Undefined where no group has any. */
export function groupFor(groups: readonly WeightedGroup[], share: number): string | undefined {
  const all = groups.reduce((sum, { weight }) => sum + weight, 0);
  let left = share * all;
  for (const { arn, weight } of groups) {
    left -= weight;
    if (left < 0) return arn;
  }
  return undefined;
}

function priorityOf(rule: Thing): number {
  return Number(has(rule, 'priority') ?? Number.MAX_SAFE_INTEGER);
}

function lastOf(inputs: Values, property: 'actions' | 'defaultActions'): Action {
  const action = objectsAt(inputs, property)
    .toSorted((one, other) => (numberAt(one, 'order') ?? 0) - (numberAt(other, 'order') ?? 0))
    .at(-1);
  const type = action === undefined ? '' : (textAt(action, 'type') ?? '');
  if (action === undefined) return { kind: 'not played', type: 'no action' };
  switch (type) {
    case 'forward':
      return { kind: 'forward', groups: groupsOf(action) };
    case 'redirect':
      return { kind: 'redirect', redirect: objectsAt(action, 'redirect')[0] ?? {} };
    case 'fixed-response':
      return {
        kind: 'fixed',
        status: numberAt(action, 'fixedResponse.statusCode') ?? 200,
        type: textAt(action, 'fixedResponse.contentType') ?? 'text/plain',
        body: textAt(action, 'fixedResponse.messageBody') ?? '',
      };
    default:
      return { kind: 'not played', type };
  }
}

function groupsOf(action: Values): readonly WeightedGroup[] {
  const single = textAt(action, 'targetGroupArn');
  const several = objectsAt(action, 'forward.targetGroups').map((group) => ({
    arn: textAt(group, 'arn') ?? '',
    weight: numberAt(group, 'weight') ?? 1,
  }));
  return single === undefined ? several : [{ arn: single, weight: 1 }];
}

function meets(condition: Values, { method, host, path, query, headers, clientAddress }: AskedOf): boolean {
  const values = (name: string): readonly string[] => textsAt(condition, `${name}.values`);
  const any = (name: string, text: string, letters: 'any case' | 'as written'): boolean =>
    values(name).some((pattern) => matches(pattern, text, letters));
  if (condition['hostHeader'] !== undefined) return any('hostHeader', host, 'any case');
  if (condition['pathPattern'] !== undefined) return any('pathPattern', path, 'as written');
  if (condition['httpRequestMethod'] !== undefined) return values('httpRequestMethod').includes(method);
  if (condition['httpHeader'] !== undefined) {
    const given = headers[(textAt(condition, 'httpHeader.httpHeaderName') ?? '').toLowerCase()] ?? [];
    return [given].flat().some((text) => any('httpHeader', text, 'any case'));
  }
  if (condition['queryStrings'] !== undefined) {
    return objectsAt(condition, 'queryStrings').some((wanted) =>
      [...query].some(
        ([key, value]) =>
          matches(textAt(wanted, 'key') ?? '*', key, 'any case') &&
          matches(textAt(wanted, 'value') ?? '', value, 'any case'),
      ),
    );
  }
  if (condition['sourceIp'] !== undefined) return isWithin(clientAddress, values('sourceIp'));
  return false;
}

/** `*` for any letters, `?` for one. */
function matches(pattern: string, text: string, letters: 'any case' | 'as written'): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, letters === 'any case' ? 'is' : 's').test(text);
}

function isWithin(address: string, blocks: readonly string[]): boolean {
  const familyOf = (text: string): 'ipv6' | 'ipv4' => (isIPv6(text) ? 'ipv6' : 'ipv4');
  const list = new BlockList();
  for (const block of blocks) {
    const [net = '', bits = ''] = block.split('/');
    // ::/0 holds no address of IPv4, though Node would find those in it as well.
    if (familyOf(net) === familyOf(address)) list.addSubnet(net, Number(bits), familyOf(net));
  }
  return list.check(address, familyOf(address));
}
