import { post } from '../notify/webhook.ts';
import { isWanted, type OperatorEvent } from '../plan/notifications.ts';
import { describeSolanaNetwork, type SolanaNetworkRef } from '../plan/solana/network.ts';

/**
 * Tells an operator: on the terminal, and by the network's webhook where it has one. Never waits, never throws.
 * SIDE EFFECTS: writes to the terminal, an HTTP request in the background.
 */
export function tell(network: SolanaNetworkRef, event: Omit<OperatorEvent, 'network'>): void {
  console.log(event.text);
  const told = { ...event, network: describeSolanaNetwork(network) };
  const { notifications } = network;
  if (notifications !== undefined && isWanted(notifications, told)) post(notifications.webhook, told);
}
