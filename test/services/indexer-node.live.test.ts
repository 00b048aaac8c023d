import { describe, expect, it } from 'vitest';
import { startLocalNode } from '../chain/local-node.ts';
import { deployEmitter, subscribe } from './indexer-support.ts';
import { startFakeNode, type FakeNode, type Question } from './indexer-proxy.ts';
import { worlds, type World } from './indexer-world.ts';
import { until } from './processes.ts';

const world = worlds();

async function fakeNode(here: World): Promise<FakeNode> {
  const fake = await startFakeNode(here.node.url);
  here.onEnd(() => fake.close());
  return fake;
}

interface Filter {
  readonly fromBlock?: string;
  readonly toBlock?: string;
  readonly blockHash?: string;
}

function filterOf(question: Question): Filter {
  return (question.method === 'eth_getLogs' ? question.params[0] : {}) as Filter;
}

/** How many blocks a question for logs reaches over. */
function blocksOf(question: Question): number {
  const { fromBlock, toBlock } = filterOf(question);
  return Number(toBlock) - Number(fromBlock) + 1;
}

async function emitAndMine(here: World, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await here.emitter.send('emitNumbered', n, 2);
    await here.node.provider.send('anvil_mine', ['0xa']);
  }
}

// Nodes that are started in one second have one genesis block, and then the second is a reorganisation of the first.
const anotherGenesis = ['--timestamp', '1900000000'];

describe('an indexer of a node with limits', () => {
  it('asks for fewer blocks when it is told, and finds what the node takes', async () => {
    const here = await world();
    await emitAndMine(here, 60);
    const fake = await fakeNode(here);
    fake.misbehave((question) => {
      if (blocksOf(question) > 40) return { error: 'query exceeds max block range 40' };
      return undefined;
    });
    const indexer = await here.start({ EVM_RPC_URL: fake.url });
    await here.untilTableIsChain();
    const sizes = fake.questions.map(blocksOf).filter((size) => size > 0);
    expect(Math.max(...sizes)).toBeGreaterThan(40);
    // 660 blocks: some 17 of the largest that it takes, and a few to find that out.
    expect(sizes.length).toBeLessThan(45);
    expect(await indexer.metric('indexer_rpc_errors_total')).toBeGreaterThan(0);
  });

  it('asks for less when answers are too long, or too slow', async () => {
    const here = await world();
    await emitAndMine(here, 30);
    const fake = await fakeNode(here);
    fake.misbehave((question) => {
      if (blocksOf(question) > 100) return { status: 504 };
      return undefined;
    });
    await here.start({ EVM_RPC_URL: fake.url, MAX_RESPONSE_BYTES: '40000' });
    await here.untilTableIsChain();
  });

  it('asks one by one where lists are refused', async () => {
    const here = await world();
    await emitAndMine(here, 5);
    const fake = await fakeNode(here);
    fake.refuseLists();
    await here.start({ EVM_RPC_URL: fake.url });
    await here.untilTableIsChain();
  });

  it('slows down when it is told to, and survives failures of all kinds', async () => {
    const here = await world();
    const fake = await fakeNode(here);
    const bad = [
      { status: 429, body: 'slow down' },
      { status: 500, body: 'oops' },
      { status: 200, body: '{"jsonrpc":"2.0","id":0,"resu' },
      { status: 502, body: '<html>' },
      { error: 'rate limit reached' },
      { result: 'nonsense' },
      { result: null },
      { result: { number: '0x1' } },
      { status: 200, body: '' },
      { status: 200, body: '[]' },
    ];
    // Seldom enough that some turns succeed between: failures in a row are waited for longer and longer.
    const every = 7;
    let count = 0;
    fake.misbehave(() => ((count += 1) % every === 0 ? bad[(count / every) % bad.length] : undefined));
    const indexer = await here.start({ EVM_RPC_URL: fake.url });
    await until('it began', () => (count > every ? true : undefined));
    let sent = 0;
    await until(
      'all kinds',
      async () => {
        await here.emitter.send('emitNumbered', sent++, 2);
        return count > every * bad.length ? true : undefined;
      },
      50_000,
    );
    fake.misbehave(undefined);
    await here.untilTableIsChain();
    await until('it is well', async () =>
      (await indexer.health()).checks.every(({ healthy }) => healthy) ? true : undefined,
    );
  });
});

describe('an indexer of several nodes behind one address', () => {
  it('is not misled by one that lags', async () => {
    const here = await world();
    await emitAndMine(here, 3);
    const fake = await fakeNode(here);
    const indexer = await here.start({ EVM_RPC_URL: fake.url });
    await here.untilTableIsChain();
    const old: unknown = await here.node.provider.send('eth_getBlockByNumber', ['latest', false]);
    await emitAndMine(here, 2);
    await here.untilTableIsChain();
    // Every second answer comes from a node that is ten blocks behind.
    let turn = 0;
    fake.alter(({ method, params }, result) =>
      method === 'eth_getBlockByNumber' && params[0] === 'latest' && (turn += 1) % 2 === 0 ? old : result,
    );
    await here.emitter.send('emitNumbered', 500, 2);
    await here.untilTableIsChain();
    await until('some answers', () => (turn > 10 ? true : undefined));
    expect(await indexer.metric('indexer_undone_events_total')).toBe(0);
  });

  it('asks again when logs are missing that a block says it has', async () => {
    const here = await world();
    const fake = await fakeNode(here);
    const asked = new Map<string, number>();
    fake.misbehave((question) => {
      const { blockHash } = filterOf(question);
      if (blockHash === undefined) return undefined;
      asked.set(blockHash, (asked.get(blockHash) ?? 0) + 1);
      return asked.get(blockHash) === 1 ? { result: [] } : undefined;
    });
    const indexer = await here.start({ EVM_RPC_URL: fake.url });
    await here.emitter.send('emitNumbered', 1, 2);
    await here.untilTableIsChain();
    expect(await indexer.metric('indexer_log_doubts_total')).toBeGreaterThan(0);
    // Blocks without events are believed at once.
    const { number } = (await here.node.provider.getBlock('latest')) ?? { number: 0 };
    await here.node.provider.send('anvil_mine', ['0x2']);
    await until('it is there', async () =>
      (await indexer.health()).indexer.indexed === number + 2 ? true : undefined,
    );
    const last = await here.node.provider.getBlock('latest');
    expect(asked.get(last?.hash ?? '')).toBe(1);
  });

  it('does not take logs of another fork, or such that it did not ask for', async () => {
    const here = await world();
    const fake = await fakeNode(here);
    await here.start({ EVM_RPC_URL: fake.url });
    await here.emitter.send('emitNumbered', 1, 2);
    await here.untilTableIsChain();
    let wrong = 0;
    fake.alter(({ method }, result) => {
      if (method !== 'eth_getLogs' || wrong > 4) return result;
      wrong += 1;
      return (result as { blockHash: string; address: string }[]).map((log) =>
        wrong % 2 === 0
          ? { ...log, blockHash: `0x${'12'.repeat(32)}` }
          : { ...log, address: `0x${'34'.repeat(20)}` },
      );
    });
    await here.emitter.send('emitNumbered', 7, 2);
    await until('it was tried', () => (wrong > 4 ? true : undefined));
    await here.untilTableIsChain();
  });

  it('does not leave out logs of a range that the answering node does not have yet', async () => {
    const here = await world();
    await emitAndMine(here, 10);
    const fake = await fakeNode(here);
    let lagging = 0;
    fake.misbehave((question) => {
      const { method, params } = question;
      // A node that is at block 30 gives the logs up to there, and no block above.
      if (lagging >= 4) return undefined;
      if (blocksOf(question) > 0) return { result: [] };
      if (method === 'eth_getBlockByNumber' && Number(params[0]) > 30) {
        lagging += 1;
        return { result: null };
      }
      return undefined;
    });
    await here.start({ EVM_RPC_URL: fake.url });
    await here.untilTableIsChain();
    expect(lagging).toBe(4);
  });
});

describe('an indexer of the wrong chain', () => {
  it('does not start on another chain id', async () => {
    const here = await world();
    const indexer = await here.start({ EVM_CHAIN_ID: '1' });
    expect(await indexer.process.ended).toBe(2);
    expect(indexer.process.output()).toContain('the node is of chain 31337, EVM_CHAIN_ID is 1');
  });

  it('begins anew when the local chain did, and tells subscribers', async () => {
    const here = await world();
    const fake = await fakeNode(here);
    const indexer = await here.start({ EVM_RPC_URL: fake.url });
    await here.emitter.send('emitNumbered', 1, 3);
    await here.untilTableIsChain();
    const subscriber = await subscribe(indexer.url, { from: 0 });

    await here.node.stop();
    const { port } = new URL(here.node.url);
    const again = await startLocalNode({ port: Number(port), flags: anotherGenesis });
    here.onEnd(() => again.stop());
    const emitter = await deployEmitter(again);
    expect(emitter.address.toLowerCase()).toBe(here.emitter.address.toLowerCase());
    await emitter.send('emitNumbered', 50, 2);
    const check = async () => {
      const table = await here.database.events();
      expect(table).toEqual(await emitter.events());
      expect(subscriber.events()).toEqual(table);
      return true;
    };
    await until('the table is as the new chain', check);
    expect(indexer.process.output()).toContain('the local chain began anew');
    expect((await indexer.health()).indexer['epoch']).toBe(2);
  });

  it('begins anew also when the chain did while it was stopped', async () => {
    const here = await world();
    const indexer = await here.start();
    for (let n = 0; n < 20; n++) await here.emitter.send('emitNumbered', n, 3);
    await here.untilTableIsChain();
    await indexer.process.stop('SIGKILL');
    await here.node.stop();
    const again = await startLocalNode({ port: Number(new URL(here.node.url).port), flags: anotherGenesis });
    here.onEnd(() => again.stop());
    const emitter = await deployEmitter(again);
    await emitter.send('emitNumbered', 50, 2);
    await here.start();
    await until('the table is as the new chain', async () => {
      expect(await here.database.events()).toEqual(await emitter.events());
      return true;
    });
  });

  it('refuses to go on where another chain has the same id', async () => {
    const here = await world({ chainId: 1234 });
    const indexer = await here.start();
    await here.emitter.send('emitNumbered', 1, 3);
    await here.untilTableIsChain();
    const before = await here.database.events();
    await indexer.process.stop('SIGKILL');
    const other = await startLocalNode({ chainId: 1234, flags: ['--timestamp', '1700000000'] });
    here.onEnd(() => other.stop());
    const second = await here.start({ EVM_RPC_URL: other.url });
    expect(await second.process.ended).toBe(3);
    expect(second.process.output()).toContain('give the indexer an empty database');
    expect(await here.database.events()).toEqual(before);
  });
});
