import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as etherscan from '@cutover/chain/plan/verification/etherscan.ts';
import { words, type Reply } from '@cutover/chain/plan/verification/reply.ts';
import * as sourcify from '@cutover/chain/plan/verification/sourcify.ts';

const json = (body: unknown, http = 200): Reply => ({ kind: 'json', http, json: body });
const said = (status: string, result: unknown): Reply => json({ status, message: 'x', result });

describe('what Etherscan says to a submission', () => {
  it.each([
    ['1', 'a7lpxkm9kpcpicx7daftmjifrfhiuhf5vqqnawhkfhzfrcpnxj', 'accepted'],
    ['1', '../../evil?job', 'unreachable'],
    ['1', 7, 'unreachable'],
    ['0', 'Contract source code already verified', 'verified'],
    ['0', 'Smart-contract already verified.', 'verified'],
    ['0', 'Unable to locate ContractCode at 0xabc', 'lagging'],
    ['0', 'The address is not a smart contract', 'lagging'],
    ['0', 'Max rate limit reached, please use API Key for higher rate limit', 'busy'],
    ['0', 'Max calls per sec rate limit reached (3/sec)', 'busy'],
    ['0', 'Max daily rate limit reached. 100000 (100%) of 100000 day/limit', 'unreachable'],
    ['0', 'Daily limit of 100 source code submissions reached', 'unreachable'],
    ['0', 'Invalid API Key (#err2)|ABC123-', 'unreachable'],
    ['0', 'Missing/Invalid API Key', 'unreachable'],
    ['0', 'Too many invalid api key attempts, please try again later', 'unreachable'],
    ['0', 'Missing or unsupported chainid parameter (required for v2 api)', 'rejected'],
    ['0', 'Invalid constructor arguments provided', 'rejected'],
    ['0', null, 'rejected'],
  ])('%s %s: %s … %s', (status, result, kind) => {
    expect(etherscan.readSubmitted(said(status, result)).kind).toBe(kind);
  });
});

describe('what Etherscan says of a job', () => {
  it.each([
    ['1', 'Pass - Verified', 'verified'],
    ['0', 'Already Verified', 'verified'],
    ['0', 'Pending in queue', 'pending'],
    ['1', 'Pending in queue', 'pending'],
    ['0', 'In progress', 'pending'],
    ['0', 'Fail - Unable to verify', 'rejected'],
    ['0', 'Unknown UID', 'lost'],
    ['0', 'A corresponding implementation contract was unfortunately not detected', 'rejected'],
    [
      '1',
      "The proxy's (0xbc) implementation contract is found at 0xe4 and is successfully updated.",
      'verified',
    ],
  ])('%s %s: %s', (status, result, kind) => {
    expect(etherscan.readChecked(said(status, result)).kind).toBe(kind);
  });
});

describe('what Etherscan shows', () => {
  const shown = (more: object): Reply => said('1', [{ SourceCode: '{{}}', ...more }]);

  it('is verified, or of another implementation, or not there', () => {
    expect(etherscan.readLook(shown({}), undefined).kind).toBe('verified');
    expect(etherscan.readLook(said('1', [{ SourceCode: '' }]), undefined).kind).toBe('unverified');
    expect(etherscan.readLook(said('0', 'Contract source code not verified'), undefined).kind).toBe(
      'unverified',
    );
    expect(etherscan.readLook(said('1', []), undefined).kind).toBe('unreachable');
  });

  it('is a proxy with its implementation, in whatever case and by whatever name', () => {
    const look = (more: object): string => etherscan.readLook(shown(more), '0xAb').kind;
    expect(look({ Proxy: '1', Implementation: '0xab' })).toBe('verified');
    expect(look({ IsProxy: 'true', ImplementationAddress: '0xAB' })).toBe('verified');
    expect(look({ Proxy: '1', Implementation: '0xcd' })).toBe('unverified');
    expect(look({ Proxy: '0', Implementation: '' })).toBe('unverified');
  });
});

describe('what Sourcify says', () => {
  const error = (customCode: string): object => ({ customCode, message: 'm', errorId: 'e' });
  const job = (more: object): Reply => json({ isJobCompleted: true, contract: { match: null }, ...more });

  it.each([
    [202, { verificationId: '72d12273-0723-448e-a9f6-f7957128efa5' }, 'accepted'],
    [202, {}, 'unreachable'],
    [409, error('already_verified'), 'verified'],
    [429, error('duplicate_verification_request'), 'at work already'],
    [429, error('too_many'), 'busy'],
    [400, error('invalid_parameter'), 'rejected'],
    [404, error('unsupported_chain'), 'rejected'],
    [500, error('internal_error'), 'unreachable'],
    [404, { message: 'no such page' }, 'unreachable'],
  ])('to a submission: %s %j: %s', (http, body, kind) => {
    expect(sourcify.readSourcifySubmitted(json(body, http)).kind).toBe(kind);
  });

  it.each([
    [json({ isJobCompleted: false, contract: { match: null } }), { kind: 'pending' }],
    [job({ contract: { match: 'exact_match' } }), { kind: 'verified', match: 'exact' }],
    [job({ contract: { match: 'match' } }), { kind: 'verified', match: 'partial' }],
    [job({ error: error('already_verified') }), { kind: 'verified' }],
    [job({ error: error('contract_not_deployed') }), { kind: 'lagging' }],
    [job({ error: error('no_match') }), { kind: 'rejected', reason: 'it says: m' }],
    [job({ error: error('internal_error') }), { kind: 'unreachable', trouble: 'broken' }],
    [job({}), { kind: 'unreachable', trouble: 'broken' }],
    [json({}), { kind: 'unreachable', trouble: 'broken' }],
    [json(error('job_not_found'), 404), { kind: 'lost' }],
  ])('of a job: %j: %j', (reply, answer) => {
    expect(sourcify.readSourcifyChecked(reply)).toMatchObject(answer);
  });

  it.each([
    [json({ match: 'exact_match' }), { kind: 'verified', match: 'exact' }],
    [json({ match: null }, 404), { kind: 'unverified' }],
    [json(error('unsupported_chain'), 404), { kind: 'rejected' }],
    [json({}, 404), { kind: 'unreachable' }],
  ])('of a contract: %j: %j', (reply, answer) => {
    expect(sourcify.readSourcifyLook(reply)).toMatchObject(answer);
  });
});

describe('any reply at all', () => {
  const replies: fc.Arbitrary<Reply> = fc.oneof(
    fc.record({
      kind: fc.constant('json' as const),
      http: fc.integer({ min: 200, max: 599 }),
      json: fc.oneof(
        fc.jsonValue(),
        fc.record({ status: fc.constantFrom('0', '1'), result: fc.jsonValue() }),
        fc.record({ customCode: fc.string(), message: fc.jsonValue() }),
        fc.record({ isJobCompleted: fc.jsonValue(), contract: fc.jsonValue(), error: fc.jsonValue() }),
      ),
    }),
    fc.record({ kind: fc.constant('no json' as const), http: fc.integer({ min: 200, max: 599 }) }),
  );
  const readers = [
    etherscan.readSubmitted,
    etherscan.readChecked,
    (reply: Reply) => etherscan.readLook(reply, undefined),
    (reply: Reply) => etherscan.readLook(reply, '0xab'),
    sourcify.readSourcifySubmitted,
    sourcify.readSourcifyChecked,
    sourcify.readSourcifyLook,
  ];

  it('is read as some answer, with a reason of one short line', () => {
    fc.assert(
      fc.property(replies, fc.constantFrom(...readers), (reply, read) => {
        const answer = read(reply);
        if (!('reason' in answer)) return;
        expect(answer.reason.length).toBeLessThan(400);
        expect(answer.reason).not.toMatch(/[\n\r\p{Cc}]/u);
      }),
    );
  });

  it('has no control characters in its words', () => {
    expect(words('a\n\tb\u001b[31m c')).toBe('a b [31m c');
    expect(words({})).toBe('no reason given');
  });
});
