import { createHash } from 'node:crypto';
import type { CloudView, Thing, Values } from '../../kind.ts';
import { cacheParameterGroupType } from '../../services/aws/elasticache-groups.ts';
import { userGroupType } from '../../services/aws/elasticache-users.ts';
import { flagAt, has, numberAt, objectsAt, textAt, textOf, textsAt } from '../../services/values.ts';

const userType = 'aws:elasticache/user:User';

/** Who may speak to a cache. */
export interface CacheUser {
  readonly name: string;
  /** What he may do, in the words of Valkey's access lists: `on ~* +@all`. */
  readonly access: string;
  /** SHA-256 of each password. None: he needs none. */
  readonly passwords: readonly string[];
}

/** What a cache is to be. */
export interface WantedCache {
  readonly id: string;
  readonly version: string;
  readonly hosts: readonly string[];
  readonly port: number;
  readonly tls: boolean;
  readonly clustered: boolean;
  /** SHA-256 of the token. */
  readonly token?: string;
  readonly users: readonly CacheUser[];
  readonly parameters: Readonly<Record<string, string>>;
}

/** What a replication group is to be, from the thing and what is beside it. */
export function wantedCache(thing: Thing, view: CloudView): WantedCache {
  const { inputs, outputs } = thing;
  const endpoints = ['primaryEndpointAddress', 'readerEndpointAddress', 'configurationEndpointAddress'];
  const token = textAt(inputs, 'authToken') ?? textAt(inputs, 'authTokenWo');
  return {
    id: thing.id,
    version: textOf(thing, 'engineVersion') ?? '',
    hosts: endpoints.map((each) => textAt(outputs, each) ?? '').filter((each) => each !== ''),
    port: numberAt(inputs, 'port') ?? numberAt(outputs, 'port') ?? 6379,
    tls: has(thing, 'transitEncryptionEnabled') === true,
    clustered: flagAt(outputs, 'clusterEnabled') === true,
    ...(token !== undefined && { token: sha256(token) }),
    users: textsAt(inputs, 'userGroupIds').flatMap((id) => usersOf(id, thing, view)),
    parameters: parametersOf(thing, view),
  };
}

/** The lines of its config file that say who may do what. Without a token and users everybody may do everything. */
export function accessLines({ token, users }: Pick<WantedCache, 'token' | 'users'>): readonly string[] {
  if (token !== undefined) return [`user default on #${token} ~* &* +@all`];
  if (users.length === 0) return [];
  const lines = users.map(({ name, access, passwords }) => {
    const secrets = passwords.length === 0 ? 'nopass' : passwords.map((each) => `#${each}`).join(' ');
    return `user ${name} ${secrets} ${access}`;
  });
  return users.some(({ name }) => name === 'default') ? lines : ['user default off', ...lines];
}

function usersOf(groupId: string, thing: Thing, view: CloudView): readonly CacheUser[] {
  const group = view.get(userGroupType, groupId.toLowerCase(), thing);
  return textsAt(group?.inputs ?? {}, 'userIds').flatMap((id) => {
    const user = view.get(userType, id.toLowerCase(), thing) ?? view.get(userType, id, thing);
    if (user === undefined) return [];
    const { inputs } = user;
    const passwords = [...textsAt(inputs, 'passwords'), ...textsAt(inputs, 'authenticationMode.passwords')];
    // Whoever signs in with tokens of IAM cannot here: nothing checks them.
    const byToken = textAt(inputs, 'authenticationMode.type') === 'iam';
    const access = byToken ? 'off' : (textAt(inputs, 'accessString') ?? 'off');
    return [{ name: textAt(inputs, 'userName') ?? id, access, passwords: passwords.map(sha256) }];
  });
}

// Those that are of the data and its clients, not of a machine.
const taken =
  /^(maxmemory-(policy|samples)|notify-keyspace-events|timeout|tcp-keepalive|lazyfree-.+|(hash|list|set|zset)-.+|slowlog-.+|latency-tracking)$/;

function parametersOf(thing: Thing, view: CloudView): Readonly<Record<string, string>> {
  const group = view.get(cacheParameterGroupType, textOf(thing, 'parameterGroupName') ?? '', thing);
  const given: readonly Values[] = objectsAt(group?.inputs ?? {}, 'parameters');
  return Object.fromEntries(
    given
      .map((each) => [textAt(each, 'name') ?? '', textAt(each, 'value') ?? ''] as const)
      .filter(([name]) => taken.test(name)),
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
