import * as pulumi from '@pulumi/pulumi';
import { beforeAll, describe, expect, it } from 'vitest';
import { EvmNode } from '../../components/local/evm-node.ts';
import { MongoServer } from '../../components/local/mongo-server.ts';
import { NodeService } from '../../components/local/node-service.ts';
import { PostgresServer } from '../../components/local/postgres-server.ts';
import { SolanaNode } from '../../components/local/solana-node.ts';
import { ValkeyServer } from '../../components/local/valkey-server.ts';

// What components describe, without an engine: Pulumi's own mocks take the place of the process.
const described = new Map<string, Record<string, unknown>>();

beforeAll(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource({ name, inputs }) {
        const values = inputs as Record<string, unknown>;
        described.set(name, values);
        return {
          id: `${name}-id`,
          state: { ...values, pid: 1, generation: 'g1', startedAt: 't1', engine: 'ferretdb' },
        };
      },
      call: () => ({}),
    },
    'cutover',
    'trial',
    // As in a preview: what is not known before the update stays unknown.
    true,
  );
});

async function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}
async function inputsOf(name: string): Promise<Record<string, unknown>> {
  return expect
    .poll(() => described.get(name))
    .toBeDefined()
    .then(() => described.get(name) ?? {});
}

describe('a local component', () => {
  it('is a process named as it is, with the keys of its ports', async () => {
    const node = new EvmNode('evm-node', { port: 8600, chainId: 31338, portKey: 'cutover:local.ports.evm' });
    expect(await valueOf(node.url)).toBe('http://127.0.0.1:8600');
    expect(await inputsOf('evm-node-process')).toMatchObject({
      stack: 'trial',
      name: 'evm-node',
      ports: [{ use: 'rpc', port: 8600, key: 'cutover:local.ports.evm' }],
      definition: { kind: 'evm-node', chainId: 31338, snapshotMilliseconds: 500 },
    });
  });

  it('has addresses that are known at preview, and that still depend on its process', async () => {
    const node = new SolanaNode('solana-node', { port: 8700 });
    expect([await valueOf(node.url), await valueOf(node.wsUrl)]).toEqual([
      'http://127.0.0.1:8700',
      'ws://127.0.0.1:8701',
    ]);
    const withFacts = node.url as pulumi.Output<string> & {
      isKnown: Promise<boolean>;
      allResources?: () => Promise<Set<pulumi.Resource>>;
    };
    expect(await withFacts.isKnown).toBe(true);
    expect([...((await withFacts.allResources?.()) ?? [])]).toContain(node.process);
  });

  it('gives each database a role and a password file of its own; databases of one user share them', async () => {
    const server = new PostgresServer('postgres', {
      port: 15_432,
      databases: ['orders', { name: 'trades', user: 'desk' }, { name: 'trades_scratch', user: 'desk' }],
    });
    expect(await valueOf(server.connection('orders'))).toEqual({
      host: '127.0.0.1',
      port: 15_432,
      database: 'orders',
      user: 'orders',
      password: { kind: 'file', name: '.cutover/trial/secrets/postgres-orders' },
    });
    expect(await valueOf(server.url('trades'))).toBe('postgres://desk@127.0.0.1:15432/trades');
    expect(server.passwordFile('trades_scratch')).toEqual(server.passwordFile('trades'));
    expect(() => server.connection('order')).toThrow(
      /CUT-4312.*has no database order; it has orders, trades/,
    );
  });

  it('names what else there is: MongoDB by its engine, Valkey by its password file', async () => {
    const mongo = new MongoServer('mongo', { port: 27_117 });
    expect(await valueOf(mongo.connection('gemforce'))).toEqual({
      url: 'mongodb://127.0.0.1:27117',
      database: 'gemforce',
    });
    const cache = new ValkeyServer('valkey', { port: 16_379 });
    expect(await valueOf(cache.url)).toBe('redis://127.0.0.1:16379');
    expect(cache.passwordFile.name).toBe('.cutover/trial/secrets/valkey');
  });

  it('runs a service of ours with what it is made of, its settings and where its secrets are', async () => {
    const service = new NodeService('orders-api', {
      script: 'services/beacon/main.ts',
      port: 3000,
      environment: { NETWORK: pulumi.output('local') },
      secretFiles: { KEY_FILE: { kind: 'file', name: 'key' } },
    });
    expect(await valueOf(service.healthUrl)).toBe('http://127.0.0.1:3000/health');
    expect(service.log).toBe('.cutover/trial/processes/orders-api/log');
    expect((await inputsOf('orders-api-process'))['definition']).toEqual({
      kind: 'node-service',
      script: 'services/beacon/main.ts',
      args: [],
      environment: { NETWORK: 'local' },
      secretFiles: { KEY_FILE: { kind: 'file', name: 'key' } },
      healthPath: '/health',
      sources: ['services/beacon'],
    });
  });

  it('lets its process be changed, but not moved to another parent', async () => {
    const node = new EvmNode('changed', {
      transform: {
        process: (args, opts) => [
          { ...args, ports: [{ use: 'rpc', port: 9999 }] },
          { ...opts, protect: true },
        ],
      },
    });
    expect((await inputsOf('changed-process'))['ports']).toEqual([{ use: 'rpc', port: 9999 }]);
    expect(await valueOf(node.process.urn)).toContain('cutover:local:EvmNode$');
  });

  it('refuses a wrong name or port before anything is registered', () => {
    expect(() => new EvmNode('EVM Node', { port: 99_999 })).toThrow(
      /CUT-4310[^]*name: "EVM Node"[^]*ports\[0\]\.port: 99999 is no port/,
    );
    expect(described.has('EVM Node-process')).toBe(false);
  });
});
