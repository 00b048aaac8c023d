import { isOneOf, isTrue, where } from '../demands.ts';
import { judgeTypes, notKnown, wrong, type ResourceRule, type StackRule } from '../rule.ts';
import { at, listOf, unknown } from '../values.ts';
import { onlySendsToHttps, protocolOf } from './encryption.ts';

const balancer = 'aws:lb/loadBalancer:LoadBalancer';

/** A header that a balancer and a service read in two ways carries a second request past the first. */
export const strictHeaders: ResourceRule = {
  id: 'strict-headers',
  looksAt: 'resource',
  wants: 'Load balancers pass on no request that can be read in two ways.',
  judge: judgeTypes({
    [balancer]: where(
      (props) => [undefined, null, 'application', unknown].includes(at(props, 'loadBalancerType') as null),
      (props) => [
        ...isTrue('dropInvalidHeaderFields')(props),
        ...isOneOf('desyncMitigationMode', ['defensive', 'strictest'], 'defensive')(props),
      ],
    ),
  }),
  passes: { type: balancer, props: { dropInvalidHeaderFields: true } },
  fails: { type: balancer, props: {} },
};

const listener = 'aws:lb/listener:Listener';
const listenerRule = 'aws:lb/listenerRule:ListenerRule';

/** A listener that redirects by default forwards all the same what one of its rules picks out. */
export const httpRulesRedirect: StackRule = {
  id: 'http-rules-redirect',
  looksAt: 'stack',
  wants: 'Rules of an HTTP listener do nothing but send to HTTPS.',
  judge: (resources) => {
    const plain = new Set(
      resources
        .filter(({ type, props }) => type === listener && protocolOf(props) === 'HTTP')
        .map(({ urn }) => urn),
    );
    return resources
      .filter(
        ({ type, from }) =>
          type === listenerRule && (from['listenerArn'] ?? []).some((urn) => plain.has(urn)),
      )
      .flatMap(({ props, urn }) => {
        const sends = onlySendsToHttps(listOf(at(props, 'actions')));
        if (sends === unknown) return [notKnown('actions', urn)];
        return sends
          ? []
          : [
              wrong(
                'it answers HTTP, which anybody on the way can read and change',
                'give it the listener of HTTPS: listenerArn',
                urn,
              ),
            ];
      });
  },
  passes: [
    { type: listener, name: 'https', props: { protocol: 'HTTPS' } },
    {
      type: listenerRule,
      name: 'api',
      props: { actions: [{ type: 'forward' }] },
      from: { listenerArn: ['https'] },
    },
  ],
  fails: [
    { type: listener, name: 'http', props: { protocol: 'HTTP' } },
    {
      type: listenerRule,
      name: 'api',
      props: { actions: [{ type: 'forward' }] },
      from: { listenerArn: ['http'] },
    },
  ],
};
