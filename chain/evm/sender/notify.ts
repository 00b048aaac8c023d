import { describeNetwork, type NetworkRef } from '../../plan/network.ts';

/** Something about a transaction that an operator should know. */
export interface TransactionEvent {
  readonly kind:
    | 'stalled'
    | 'bumped'
    /** It was bumped as often, or as high, as is allowed. */
    | 'stuck'
    | 'orphaned'
    | 'put-back'
    | 'nonce-taken'
    | 'gap-filled'
    | 'chain-restarted';
  readonly network: string;
  readonly account: string;
  /** What the transaction is for; undefined where the event is about the whole chain. */
  readonly purpose?: string;
  readonly hash?: string;
  /** All of it in one sentence. */
  readonly text: string;
}

/** Where events go. */
export type Notify = (event: TransactionEvent) => void;

let sink: Notify = ({ text }) => console.log(text);

/** Sends events elsewhere than to the terminal. */
export function notifyTo(notify: Notify): void {
  sink = notify;
}

/** Tells an operator. SIDE EFFECTS: those of the sink; a line on the terminal by default. */
export function notify(network: NetworkRef, event: Omit<TransactionEvent, 'network'>): void {
  sink({ ...event, network: describeNetwork(network) });
}
