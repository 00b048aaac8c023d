import { describe, expect, it } from 'vitest';
import { atStart, parseEvent, step, type EngineEvent, type Line } from '../../ops/engine-events.ts';

const urn = (type: string, name: string): string => `urn:pulumi:dev::cutover::${type}::${name}`;
const contract = {
  op: 'create',
  urn: urn('cutover:system:MetaAggregator$pulumi-nodejs:dynamic:Contract', 'escrow'),
  type: 'pulumi-nodejs:dynamic:Contract',
};

function play(events: readonly EngineEvent[]): {
  lines: Line[];
  seen: number;
  changed: number;
  running: number;
} {
  let progress = atStart;
  const lines: Line[] = [];
  for (const event of events) {
    const next = step(progress, event);
    progress = next.after;
    lines.push(...next.lines);
  }
  return { lines, seen: progress.seen, changed: progress.changed, running: progress.running.size };
}

describe('what an update tells', () => {
  it('names a step when it is done, with how long it took', () => {
    const { lines, changed, running } = play([
      { timestamp: 10, resourcePreEvent: { metadata: contract } },
      { timestamp: 13, resOutputsEvent: { metadata: contract } },
    ]);
    expect(lines).toEqual([{ kind: 'done', verb: 'created', name: 'escrow', type: 'Contract', seconds: 3 }]);
    expect([changed, running]).toEqual([1, 0]);
  });

  it('says nothing of what stays the same, of components and of the stack', () => {
    const same = { ...contract, op: 'same' };
    const stack = {
      op: 'create',
      urn: urn('pulumi:pulumi:Stack', 'cutover-dev'),
      type: 'pulumi:pulumi:Stack',
    };
    const system = {
      op: 'create',
      urn: urn('cutover:system:Gemforce', 'gemforce'),
      type: 'cutover:system:Gemforce',
    };
    const { lines, seen, changed } = play(
      [same, stack, system].flatMap((metadata, timestamp) => [
        { timestamp, resourcePreEvent: { metadata } },
        { timestamp, resOutputsEvent: { metadata } },
      ]),
    );
    expect(lines).toEqual([]);
    expect([seen, changed]).toEqual([3, 0]);
  });

  it('shows an error with the resource that it belongs to, and not the hollow one behind it', () => {
    const { lines } = play([
      { timestamp: 1, resourcePreEvent: { metadata: contract } },
      { timestamp: 2, diagnosticEvent: { urn: contract.urn, message: 'CUT-2001 no\n', severity: 'error' } },
      { timestamp: 2, resOpFailedEvent: { metadata: contract } },
      { timestamp: 3, diagnosticEvent: { message: 'update failed\n', severity: 'error' } },
    ]);
    expect(lines).toEqual([
      { kind: 'error', name: 'escrow', text: 'CUT-2001 no' },
      { kind: 'failed', verb: 'creating', name: 'escrow', type: 'Contract' },
    ]);
  });

  it('shows what a policy refuses as an error of its resource, and what it only tells as a note', () => {
    const policyEvent = { resourceUrn: contract.urn, message: 'All is well.\nCUT-5460 no\n  fix: so\n' };
    const { lines } = play([
      { timestamp: 1, policyEvent: { ...policyEvent, enforcementLevel: 'mandatory' } },
      { timestamp: 1, policyEvent: { message: 'later', enforcementLevel: 'advisory' } },
    ]);
    expect(lines).toEqual([
      { kind: 'error', name: 'escrow', text: 'CUT-5460 no\n  fix: so' },
      { kind: 'note', text: 'later' },
    ]);
  });

  it('reads only lines that are events', () => {
    expect(parseEvent('{"timestamp":1,"cancelEvent":{}}')).toBeDefined();
    expect(parseEvent('{"timestamp":1,"cancelEv')).toBeUndefined();
    expect(parseEvent('warning: something')).toBeUndefined();
    expect(parseEvent('{}')).toBeUndefined();
  });
});
