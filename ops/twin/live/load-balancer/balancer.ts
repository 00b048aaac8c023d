import type { Thing } from '../../kind.ts';
import { listenerType, ruleType } from '../../services/aws/elbv2-targets.ts';
import { loadBalancerType } from '../../services/aws/elbv2.ts';
import { has, numberAt, textOf, textsAt } from '../../services/values.ts';
import type { WideView } from '../../judge.ts';
import type { Address, BodyKind, Ground } from '../body.ts';
import { computeOf, isServed } from '../compute.ts';
import { placeOfServer } from '../network/places.ts';
import { letsAnybodyIn } from '../network/ways.ts';
import { startProxy } from './proxy.ts';

/** Load balancers: their listeners are proxies that the ground itself serves. */
export const balancerBody: BodyKind = {
  type: loadBalancerType,
  seconds: 60,
  wanted: (thing) => (textOf(thing, 'loadBalancerType') ?? 'application') === 'application',
  digest: (thing, view) =>
    JSON.stringify(
      listenersOf(thing, view).map((each) => [each.id, each.inputs['port'], namesOf(each, view)]),
    ),
  bring: async (thing, ground, before) => {
    const listeners = listenersOf(thing, ground.cloud.view());
    await closeOthers(ground, thing.id, new Set(listeners.map(({ id }) => id)));
    const host = textOf(thing, 'dnsName') ?? '';
    const known = new Map((before?.addresses ?? []).map(({ port, localPort }) => [port, localPort]));
    const addresses = await Promise.all(
      listeners.map(async (listener): Promise<Address> => {
        const port = numberAt(listener.inputs, 'port') ?? 80;
        return { host, port, localPort: await listen(ground, thing, listener, known.get(port) ?? 0) };
      }),
    );
    return { processes: [], addresses, notes: { run: computeOf(ground).run } };
  },
  remove: ({ id }, ground) => closeOthers(ground, id, new Set()),
  alive: (record) => Promise.resolve(isServed(record)),
};

/** Has a listener stand; one that stands takes its certificate anew. The port stays what it was, if it is free. */
async function listen(ground: Ground, balancer: Thing, listener: Thing, usual: number): Promise<number> {
  const { targets, proxies } = computeOf(ground);
  const { cloud, authority } = ground;
  const names = namesOf(listener, cloud.view());
  const port = numberAt(listener.inputs, 'port') ?? 80;
  const pair = names.length === 0 ? undefined : await authority.issue(names);
  const there = proxies.get(listener.id);
  if (there !== undefined) {
    if (pair !== undefined) there.renew(pair);
    return there.localPort;
  }
  const proxy = await startProxy(
    {
      protocol: pair === undefined ? 'HTTP' : 'HTTPS',
      port,
      listener: () => cloud.view().byArn(listener.id),
      rules: () =>
        cloud
          .view()
          .all(ruleType, listener)
          .filter((rule) => textOf(rule, 'listenerArn') === listener.id),
      targets,
      isShut: () => {
        const place = placeOfServer(cloud.view(), cloud.view().byArn(balancer.id) ?? balancer);
        return place !== undefined && !letsAnybodyIn(cloud.view(), place, port);
      },
      idleMs: Number(has(balancer, 'idleTimeout') ?? 60) * 1000,
    },
    usual,
    pair,
  );
  proxies.set(listener.id, proxy);
  return proxy.localPort;
}

async function closeOthers(ground: Ground, balancer: string, kept: ReadonlySet<string>): Promise<void> {
  const { proxies } = computeOf(ground);
  // The ARN of a listener is that of its load balancer and sixteen letters.
  const prefix = `${balancer.replace(':loadbalancer/', ':listener/')}/`;
  for (const [id, proxy] of proxies) {
    if (!id.startsWith(prefix) || kept.has(id)) continue;
    proxies.delete(id);
    await proxy.close();
  }
}

/** The listeners of a load balancer. */
export function listenersOf(balancer: Thing, view: WideView): readonly Thing[] {
  return view.all(listenerType, balancer).filter((each) => textOf(each, 'loadBalancerArn') === balancer.id);
}

/** The names of a listener's certificate; none for plain HTTP. */
function namesOf(listener: Thing, view: WideView): readonly string[] {
  const certificate = view.byArn(textOf(listener, 'certificateArn') ?? '');
  if (certificate === undefined) return [];
  const alternatives = textsAt(certificate.inputs, 'subjectAlternativeNames');
  return [...new Set([textOf(certificate, 'domainName') ?? '', ...alternatives])];
}
