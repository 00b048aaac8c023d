import { describe, expect, it } from 'vitest';
import { describeHolder, parseListeners, parseLsof, userName } from '@cutover/delivery/plan/process-port.ts';

// Two lines of a Linux kernel: a server on 127.0.0.1:8545, and a client connected to it.
const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2161 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 48213 1 0000000000000000 100 0 0 10 0
   1: 0100007F:D2A4 0100007F:2161 01 00000000:00000000 00:00000000 00000000     0        0 48214 1 0000000000000000 20 4 30 10 -1
`;

describe('who holds a port', () => {
  it('is read from the kernel: listening sockets only', () => {
    expect(parseListeners(table)).toEqual([{ port: 8545, uid: 1000, inode: '48213' }]);
    expect(parseListeners('')).toEqual([]);
  });

  it('is read from what lsof prints', () => {
    expect(parseLsof('p4711\ncnode\nLalice\nf12\n')).toEqual({ pid: 4711, command: 'node', user: 'alice' });
    expect(parseLsof('')).toBeUndefined();
  });

  it('is a user by name, or by number when it has none', () => {
    expect(userName('root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/:/bin/sh', 1000)).toBe('alice');
    expect(userName('', 1000)).toBe('uid 1000');
  });

  it('is told in words, as far as it is known', () => {
    expect(describeHolder({ pid: 4711, command: 'python3 -m http.server', user: 'alice' })).toBe(
      'python3 -m http.server (pid 4711, user alice)',
    );
    expect(describeHolder({ user: 'alice' })).toBe('a process (user alice)');
    expect(describeHolder(undefined)).toBe('a process that the system does not show to this user');
    expect(describeHolder({ pid: 1, command: 'x'.repeat(500) }).length).toBeLessThan(150);
  });
});
