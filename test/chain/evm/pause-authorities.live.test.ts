import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { readProposals } from '@cutover/chain/evm/authority/proposals.ts';
import { handler, type PauseInputs } from '@cutover/chain/evm/pause-handler.ts';
import type { SafeAuthority } from '@cutover/chain/plan/authority/authority.ts';
import { created } from '../handler-kit.ts';
import { networkOf } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { refusal } from '../refusal.ts';
import { safeAuthority, safeFactory } from './authority/kit.ts';
import { accountAt, act, approve, brought, keyOf, sentDuring, view } from './change-kit.ts';

// A key may pause at once, a Safe has to agree before it runs again: as on staging and prod.
let node: LocalNode;
let safe: SafeAuthority & { readonly folder: string };
let contract: string;
beforeAll(async () => {
  node = await startLocalNode();
});
afterAll(() => node.stop());
beforeEach(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  safe = await safeAuthority(await (await safeFactory(node))([1, 2], 2));
  contract = await operations(safe.address);
});
afterEach(() => void vi.restoreAllMocks());

function operations(admin: string): Promise<string> {
  const setup = {
    ...{ admin, authority: safe.address, registrar: accountAt(0), validator: accountAt(0) },
    ...{ pauser: accountAt(0), guardian: accountAt(0), recoveryAddress: accountAt(0) },
    ...{ adminDelay: 0, exitDelay: 3600 },
  };
  const source = ['chain/contracts/sop-138/SecuredOperations.sol', 'SecuredOperations'] as const;
  return brought(node, source, { setup });
}

const wanted = (paused: boolean): PauseInputs => ({
  ...{ title: 'SecuredOperations', contract, paused, network: networkOf(node) },
  ...{ authority: keyOf(0), resumes: safe },
});
const isPaused = (): Promise<unknown> => view(node, contract, 'paused() view returns (bool)');

it('pauses at once with the key, and resumes when enough owners of the Safe have approved', async () => {
  const pause = await created(handler, wanted(true));
  expect(await isPaused()).toBe(true);
  await pause.update(wanted(false));
  expect(Object.values(pause.state.progress)).toMatchObject([{ kind: 'proposed', stage: 'approvals' }]);
  expect((await pause.read())?.drift).toEqual([]);
  await approve(node, safe.folder, 1);
  await approve(node, safe.folder, 2);
  await pause.update(wanted(false));
  expect(await isPaused()).toBe(false);
  expect(await pause.diff(wanted(false))).toBe(false);
});

it('takes back what was proposed to the Safe when the pause is wanted after all', async () => {
  const pause = await created(handler, wanted(true));
  await pause.update(wanted(false));
  expect(await sentDuring(node, () => pause.update(wanted(true)))).toBe(0);
  expect(pause.state).toMatchObject({ isPaused: true, progress: {}, drift: [] });
  const { proposals } = await readProposals(safe.folder);
  expect(proposals.map(({ withdrawn }) => withdrawn)).toEqual([expect.stringContaining('not wanted')]);
});

it('does not take a pause that is only proposed for one that somebody ended', async () => {
  const proposed = { ...wanted(true), authority: safe };
  const pause = await created(handler, proposed);
  expect(await isPaused()).toBe(false);
  expect((await pause.read())?.drift).toEqual([]);
});

it('says in the words of the contract why it cannot resume', async () => {
  contract = await operations(accountAt(0));
  const byKey = { ...wanted(false), resumes: keyOf(0) };
  const pause = await created(handler, { ...byKey, paused: true });
  await act(node, 0, contract, 'enterEmergency(string)', ['drained']);
  expect((await refusal(pause.update(byKey))).message).toContain('reverted with InEmergency()');
});
