import { describe, expect, it } from 'vitest';
import { upgradeLine, waitingUpgrades } from '../../ops/waiting-upgrades.ts';

const upgrade = (progress: object, type = 'cutover:ProgramUpgrade') => ({
  urn: 'urn:pulumi:dev::cutover::cutover:ProgramUpgrade::perps-upgrade',
  type,
  outputs: { program: 'Prog', version: 'v2', hash: 'b'.repeat(64), progress },
});
const readyAt = '2026-11-21T12:00:00.000Z';
const now = Date.parse('2026-11-21T10:30:00.500Z');
const approvals = { what: '1 more approval', who: ['A', 'B'] };
const delayed = (at: string) => ({
  kind: 'proposed',
  stage: 'delay over',
  missing: [{ what: 'the delay', readyAt: at }],
  record: { proposal: 'Prop' },
});

describe('upgrades that wait', () => {
  it('are told with what is missing', () => {
    const [found, ...none] = waitingUpgrades(
      [upgrade({ kind: 'proposed', stage: 'approved', missing: [approvals], record: undefined })],
      now,
    );
    expect(none).toEqual([]);
    expect(found).toMatchObject({
      name: 'perps-upgrade',
      program: 'Prog',
      stage: 'approved',
      missing: [approvals],
    });
    expect(found?.secondsLeft).toBeUndefined();
    expect(found && upgradeLine(found)).toBe(
      'perps-upgrade to v2 waits for 1 more approval from any of A, B; ./cutover up then goes on.',
    );
  });

  it('are told with the seconds that are left now, not those of the last update', () => {
    const [found] = waitingUpgrades([upgrade(delayed(readyAt))], now);
    expect(found).toMatchObject({ proposal: 'Prop', secondsLeft: 5400 });
    expect(found && upgradeLine(found)).toContain('(1 h 30 min left)');
    const [over] = waitingUpgrades([upgrade(delayed('2026-11-21T10:30:00.000Z'))], now);
    expect(over?.secondsLeft).toBe(0);
    expect(over && upgradeLine(over)).toContain('its delay is over');
  });

  it('are none where it is done, decided against, not begun, or no upgrade at all', () => {
    const others = [
      ...['done', 'nothing', 'rejected', 'cancelled'].map((kind) => upgrade({ kind, record: undefined })),
      { ...upgrade({}), outputs: {} },
      upgrade(delayed(readyAt), 'cutover:Cut'),
    ];
    expect(waitingUpgrades(others, now)).toEqual([]);
  });
});
