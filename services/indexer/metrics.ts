import { createMetrics, type ServiceMetrics } from '@cutover/service-kit/metrics.ts';
import { Counter, Gauge } from 'prom-client';
import type { HealthReport } from './health.ts';
import type { Departure } from './sockets.ts';

/** The metrics of an indexer. */
export interface IndexerMetrics extends ServiceMetrics {
  readonly show: (
    report: HealthReport['indexer'],
    buffers: { readonly clients: number; readonly tail: number },
  ) => void;
  readonly called: (method: string, outcome: string) => void;
  readonly written: (events: number, undone: number) => void;
  readonly reorganised: (depth: number) => void;
  readonly departed: (why: Departure) => void;
  readonly turnedAway: Counter;
  readonly doubts: Counter;
}

export function indexerMetrics(labels: { system: string; service: string; version: string }): IndexerMetrics {
  const metrics = createMetrics(labels);
  const registers = [metrics.registry];
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
  const counter = <Label extends string>(
    name: string,
    help: string,
    ...labelNames: Label[]
  ): Counter<Label> => new Counter<Label>({ name, help, labelNames, registers });
  const head = gauge('indexer_head_block', "The node's newest block.");
  const indexed = gauge('indexer_indexed_block', 'The last block that is read.');
  const lag = gauge('indexer_lag_blocks', 'Blocks that are still to be read.');
  const sequence = gauge('indexer_sequence', 'The number of the last change.');
  const epoch = gauge('indexer_epoch', 'How often the chain began, by the count of the indexer.');
  const writes = gauge('indexer_writes', '1 when this one writes, 0 when it stands by.');
  const clients = gauge('indexer_clients', 'Websocket subscribers.');
  const buffered = gauge('indexer_client_buffered_bytes', 'Bytes that wait for subscribers.');
  const kept = gauge('indexer_tail_bytes', 'Bytes of the newest changes, kept for all subscribers together.');
  const events = counter('indexer_events_total', 'Events written.');
  const undone = counter('indexer_undone_events_total', 'Events undone.');
  const reorganisations = counter('indexer_reorganisations_total', 'Reorganisations of the chain.');
  const depth = gauge('indexer_reorganisation_depth', 'Blocks lost in the last reorganisation.');
  const calls = counter('indexer_rpc_calls_total', 'Questions to the node that were answered.', 'method');
  const errors = counter('indexer_rpc_errors_total', 'Questions to the node that failed.', 'method', 'kind');
  const departures = counter('indexer_clients_departed_total', 'Subscribers that are gone.', 'why');

  return {
    ...metrics,
    turnedAway: counter('indexer_clients_refused_total', 'Subscribers turned away.'),
    doubts: counter('indexer_log_doubts_total', 'Blocks asked again because logs may be missing.'),
    show: (report, buffers) => {
      head.set(report.head ?? 0);
      indexed.set(report.indexed ?? 0);
      lag.set(report.lag ?? 0);
      sequence.set(report.sequence);
      epoch.set(report.epoch ?? 0);
      writes.set(report.role === 'writer' ? 1 : 0);
      clients.set(report.clients);
      buffered.set(buffers.clients);
      kept.set(buffers.tail);
    },
    called: (method, outcome) => {
      if (outcome === 'ok') calls.inc({ method });
      else errors.inc({ method, kind: outcome });
    },
    written: (count, undoneCount) => {
      events.inc(count);
      undone.inc(undoneCount);
    },
    reorganised: (blocks) => {
      reorganisations.inc();
      depth.set(blocks);
    },
    departed: (why) => departures.inc({ why }),
  };
}
