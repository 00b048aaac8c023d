import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { areGapless, subscribe, type Message } from './indexer-support.ts';
import { worlds, type World } from './indexer-world.ts';
import { until } from './processes.ts';

const world = worlds();

/** Numbers that look like chance and are the same in each run. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

async function head({ node }: World): Promise<number> {
  return Number(await node.provider.send('eth_blockNumber', []));
}

async function lastSequence({ database }: World): Promise<{ sequence: number }> {
  const sql = 'SELECT last_sequence::int AS sequence FROM followed_chains';
  const { rows } = await database.pool.query<{ sequence: number }>(sql);
  return rows[0] ?? { sequence: -1 };
}

/** One thing that a chain may do: go on, with or without events, or take blocks back. */
async function happen(here: World, pick: (below: number) => number, n: number): Promise<string> {
  const { node, emitter } = here;
  const what = pick(10);
  if (what < 5) {
    await emitter.send('emitNumbered', n * 10, 1 + pick(4));
    return 'events';
  }
  if (what < 6) {
    await node.provider.send('anvil_mine', [`0x${(1 + pick(3)).toString(16)}`]);
    return 'blocks';
  }
  const depth = Math.min(1 + pick(6), (await head(here)) - emitter.deployedIn);
  if (depth < 1) return 'nothing';
  if (what < 8) {
    await node.provider.send('anvil_reorg', [depth, []]);
    return `reorganisation of ${depth}`;
  }
  // A fork with events of its own: back to a snapshot, and other blocks from there.
  const snapshot: unknown = await node.provider.send('evm_snapshot', []);
  for (let block = 0; block < depth; block++) await emitter.send('emitNumbered', n * 10 + block, 1);
  await delay(pick(120));
  await node.provider.send('evm_revert', [snapshot]);
  const longer = pick(3);
  for (let block = 0; block < depth + longer - 1; block++) {
    await emitter.send('emitNumbered', 1_000_000 + n * 10 + block, 1);
  }
  return `fork of ${depth}`;
}

describe('a chain that takes blocks back', () => {
  it('leaves the table as the chain is, and subscribers with the table', async () => {
    const here = await world();
    const pick = chance(7);
    const indexer = await here.start();
    const subscriber = await subscribe(indexer.url, { from: 0 });
    for (let n = 0; n < 80; n++) {
      await happen(here, pick, n);
      await delay(pick(60));
    }
    await here.emitter.send('emitNumbered', 9_999_999, 1);
    await here.untilTableIsChain();
    const table = await here.database.events();
    await until('the subscriber has it', () => {
      expect(subscriber.events()).toEqual(table);
      return true;
    });
    expect(areGapless(subscriber.changes(), 0)).toBe(true);
    expect(subscriber.changes().filter(({ type }) => type === 'undo').length).toBeGreaterThan(10);
    expect(await indexer.metric('indexer_reorganisations_total')).toBeGreaterThan(10);
    expect(indexer.process.output()).not.toContain('deeper than');
  });

  it('may take back final blocks too: it is told, and the table is right again', async () => {
    const here = await world();
    const indexer = await here.start({ CONFIRMATIONS: '3' });
    for (let n = 0; n < 30; n++) await here.emitter.send('emitNumbered', n, 1);
    await here.untilTableIsChain();
    const subscriber = await subscribe(indexer.url, { from: 0 });
    await here.node.provider.send('anvil_reorg', [12, []]);
    await here.emitter.send('emitNumbered', 100, 1);
    await here.untilTableIsChain();
    expect(await here.database.events()).toHaveLength(19);
    expect(indexer.process.output()).toContain('deeper than CONFIRMATIONS');
    await until('undone', () => (subscriber.events().length === 19 ? true : undefined));
    // The last first; events of blocks that stayed were not touched.
    const undone = subscriber.changes().filter(({ type }) => type === 'undo');
    expect(undone.map(({ args }) => Number(args['n']))).toEqual(
      Array.from({ length: 12 }, (_, index) => 29 - index),
    );
  });

  it('may become shorter than what was final, and grow again', async () => {
    const here = await world();
    await here.start({ CONFIRMATIONS: '2' });
    for (let n = 0; n < 4; n++) await here.emitter.send('emitNumbered', n, 1);
    const snapshot: unknown = await here.node.provider.send('evm_snapshot', []);
    for (let n = 4; n < 20; n++) await here.emitter.send('emitNumbered', n, 1);
    await here.untilTableIsChain();
    await here.node.provider.send('evm_revert', [snapshot]);
    await here.untilTableIsChain();
    expect(await here.database.events()).toHaveLength(4);
    for (let n = 50; n < 80; n++) await here.emitter.send('emitNumbered', n, 1);
    await here.untilTableIsChain();
  });
});

describe('an indexer that is killed', () => {
  it('goes on without a gap and without a double, and so do its subscribers', async () => {
    const here = await world();
    const pick = chance(11);
    const changes: Message[] = [];
    let indexer = await here.start();
    let kills = 0;
    const emitting = (async () => {
      for (let n = 0; n < 160; n++) {
        await happen(here, pick, n);
        await delay(20 + pick(60));
      }
    })();
    let done = false;
    void emitting.finally(() => (done = true));
    while (!done) {
      const subscriber = await subscribe(indexer.url, { from: changes.at(-1)?.sequence ?? 0 });
      await delay(100 + pick(900));
      await indexer.process.stop('SIGKILL');
      kills++;
      await subscriber.closed;
      changes.push(...subscriber.changes());
      indexer = await here.start();
    }
    await emitting;
    await here.emitter.send('emitNumbered', 9_999_999, 1);
    await here.untilTableIsChain();
    const rest = await subscribe(indexer.url, { from: changes.at(-1)?.sequence ?? 0 });
    const { sequence } = await lastSequence(here);
    await until('the subscriber has all', () =>
      changes.length + rest.changes().length === sequence ? true : undefined,
    );
    changes.push(...rest.changes());
    expect(areGapless(changes, 0)).toBe(true);
    const replayed = await subscribe(indexer.url, { from: 0 });
    await until('all is replayed', () => (replayed.changes().length === changes.length ? true : undefined));
    expect(replayed.changes()).toEqual(changes);
    expect(replayed.events()).toEqual(await here.database.events());
    expect(kills).toBeGreaterThan(3);
  });

  it('goes on in a backlog where it was', async () => {
    const here = await world();
    for (let n = 0; n < 300; n++) await here.emitter.send('emitNumbered', n * 10, 5);
    let before = -1;
    for (let kills = 0; kills < 5; kills++) {
      const indexer = await here.start({ MAX_BLOCK_RANGE: '3' });
      // Somewhere in the middle of a range, a statement or a commit.
      before = await until('it went on', async () => {
        const { sequence } = await lastSequence(here);
        return sequence > before ? sequence : undefined;
      });
      await indexer.process.stop('SIGKILL');
    }
    await here.start({ MAX_BLOCK_RANGE: '20' });
    await here.untilTableIsChain();
    expect((await lastSequence(here)).sequence).toBe(1500);
  });

  it('stops on SIGTERM with what it began, and sends its subscribers away', async () => {
    const here = await world();
    const indexer = await here.start();
    const subscriber = await subscribe(indexer.url, { from: 0 });
    for (let n = 0; n < 10; n++) await here.emitter.send('emitNumbered', n, 20);
    expect(await indexer.process.stop('SIGTERM')).toBe(0);
    expect(await subscriber.closed).toEqual({ code: 1001, reason: 'the service is stopping' });
    expect(indexer.process.output()).toContain('"msg":"stopped"');
    expect(areGapless(subscriber.changes(), 0)).toBe(true);
    await here.start();
    await here.untilTableIsChain();
  });
});

describe('two indexers of one chain', () => {
  it('do not write together; the one that stands by serves, and takes over when the other dies', async () => {
    const here = await world();
    const first = await here.start();
    await until('it writes', async () =>
      (await first.health()).indexer.role === 'writer' ? true : undefined,
    );
    const second = await here.start();
    await until('it stands by', async () =>
      (await second.health()).indexer.role === 'standby' ? true : undefined,
    );
    const subscriber = await subscribe(second.url, { from: 0 });
    await here.emitter.send('emitNumbered', 0, 5);
    await until('it serves', () => (subscriber.changes().length === 5 ? true : undefined));
    expect((await second.get('/health')).status).toBe(200);

    const emitting = (async () => {
      for (let n = 10; n < 110; n += 10) {
        await here.emitter.send('emitNumbered', n, 3);
        await delay(30);
      }
    })();
    await delay(100);
    const killedAt = performance.now();
    await first.process.stop('SIGKILL');
    await until('it takes over', async () =>
      (await second.health()).indexer.role === 'writer' ? true : undefined,
    );
    expect(performance.now() - killedAt).toBeLessThan(15_000);
    await emitting;
    await here.untilTableIsChain();
    const table = await here.database.events();
    await until('the subscriber has it', () =>
      subscriber.events().length === table.length ? true : undefined,
    );
    expect(subscriber.events()).toEqual(table);
    expect(areGapless(subscriber.changes(), 0)).toBe(true);
  });

  it('hand over at once when the one that writes is stopped', async () => {
    const here = await world();
    const first = await here.start();
    await until('it writes', async () =>
      (await first.health()).indexer.role === 'writer' ? true : undefined,
    );
    const second = await here.start();
    await here.emitter.send('emitNumbered', 0, 5);
    expect(await first.process.stop('SIGTERM')).toBe(0);
    await here.emitter.send('emitNumbered', 10, 5);
    await here.untilTableIsChain();
    expect((await second.health()).indexer.role).toBe('writer');
  });
});
