import { post } from '../../notify/webhook.ts';
import { isWanted, type OperatorEvent } from '../../plan/notifications.ts';
import { describeNetwork, type NetworkRef } from '../../plan/network.ts';

/** Something about a transaction that an operator should know. */
export type TransactionEvent = OperatorEvent;

/** Where events go. */
export type Notify = (event: TransactionEvent) => void;

let sink: Notify = ({ text }) => console.log(text);

/** Sends events elsewhere than to the terminal. */
export function notifyTo(notify: Notify): void {
  sink = notify;
}

/**
 * Tells an operator: on the terminal, and by the network's webhook where it has one. Never waits, never throws.
 * SIDE EFFECTS: those of the sink; an HTTP request in the background.
 */
export function notify(network: NetworkRef, event: Omit<TransactionEvent, 'network'>): void {
  const told = { ...event, network: describeNetwork(network) };
  sink(told);
  const { notifications } = network;
  if (notifications !== undefined && isWanted(notifications, told)) post(notifications.webhook, told);
}
