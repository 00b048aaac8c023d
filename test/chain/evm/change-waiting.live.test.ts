import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler, type PauseInputs } from '@cutover/chain/evm/pause-handler.ts';
import { notifyTo, type TransactionEvent } from '@cutover/chain/evm/sender.ts';
import type { SafeAuthority } from '@cutover/chain/plan/authority/authority.ts';
import { created } from '../handler-kit.ts';
import { networkOf } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { accountAt, approve, brought, newSafe } from './change-kit.ts';

let node: LocalNode;
let safe: SafeAuthority & { readonly folder: string };
let contract: string;
let events: TransactionEvent[] = [];
let lines: string[] = [];
beforeAll(async () => {
  node = await startLocalNode();
});
afterAll(() => node.stop());
beforeEach(async () => {
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  safe = await newSafe(node, [1, 2], 2);
  contract = await operations(safe.address);
  [events, lines] = [[], []];
  notifyTo((event) => events.push(event));
});

function operations(admin: string): Promise<string> {
  const setup = {
    ...{ admin, authority: admin, registrar: admin, validator: admin, pauser: admin, guardian: admin },
    ...{ recoveryAddress: accountAt(0), adminDelay: 0, exitDelay: 3600 },
  };
  return brought(node, ['chain/contracts/sop-138/SecuredOperations.sol', 'SecuredOperations'], { setup });
}

const wanted = (more: Partial<PauseInputs> = {}): PauseInputs => ({
  ...{ title: 'SecuredOperations', contract, paused: true, network: networkOf(node), authority: safe },
  ...more,
});

/** What a diff tells. */
async function told(diff: () => Promise<unknown>): Promise<readonly string[]> {
  lines = [];
  await diff();
  return lines;
}

describe('a change that waits', () => {
  it('was shown in full when it was proposed; after that a line says what it waits for', async () => {
    const pause = await created(handler, wanted());
    const again = await told(() => pause.diff(wanted()));
    expect(again).toEqual([expect.stringMatching(/proposed, not yet approved: waits for 2 of 2 approvals/)]);
    await pause.update(wanted());
    await approve(node, safe.folder, 1);
    await pause.update(wanted());
    expect(await told(() => pause.diff(wanted()))).toHaveLength(1);
  });

  it('is shown in full again when the plan is another one', async () => {
    const pause = await created(handler, wanted());
    const before = (pause.state as { shown?: string }).shown;
    expect(before).toMatch(/^0x[0-9a-f]{64}$/);
    Object.assign(pause.state, { shown: `0x${'00'.repeat(32)}` });
    const again = await told(() => pause.diff(wanted()));
    expect(again.join('\n')).toMatch(/gas|by the Safe/);
    expect(again.length).toBeGreaterThan(1);
  });

  it('is told to operators once, however often it is brought on', async () => {
    const pause = await created(handler, wanted());
    expect(events).toMatchObject([
      {
        kind: 'proposed',
        account: safe.address,
        text: expect.stringContaining('waits for 2 of 2 approvals') as string,
      },
    ]);
    await pause.update(wanted());
    expect(events).toHaveLength(1);
  });

  it('leaves no trace of what was shown when it is done', async () => {
    const pause = await created(handler, wanted());
    await approve(node, safe.folder, 1);
    await approve(node, safe.folder, 2);
    await pause.update(wanted());
    expect(pause.state).toMatchObject({ isPaused: true });
    expect(pause.state).not.toHaveProperty('shown');
    expect(await pause.diff(wanted())).toBe(false);
  });
});
