import { createMetrics, type ServiceMetrics } from '@cutover/service-kit/metrics.ts';
import { Gauge } from 'prom-client';
import type { Reading } from './monitor.ts';
import type { Snapshot } from './reports.ts';

/** The service's metrics, and how what was read of its dependencies gets into them. */
export interface BeaconMetrics extends ServiceMetrics {
  show(snapshot: Snapshot): void;
}

/** Metrics of a beacon. GoDark's handbook names its own; those that have no source here are left out, not made up. */
export function beaconMetrics(labels: { system: string; service: string; version: string }): BeaconMetrics {
  const metrics = createMetrics(labels);
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge<Label>({ name, help, labelNames, registers: [metrics.registry] });
  const up = gauge('dependency_up', '1 when the dependency is healthy, else 0.', 'dependency');
  const latency = gauge('dependency_latency_seconds', 'Time of the last look.', 'dependency');
  const connections = gauge('database_connections', 'Connections that the database has.');
  const block = gauge('chain_block_number', 'Newest block or slot.', 'chain');
  const balance = gauge('contract_balance', 'Balance in whole coins.', 'contract', 'currency');
  const paused = gauge('contract_paused', '1 when the contract is paused.', 'contract');

  const showReading = (reading: Reading) => {
    up.set({ dependency: reading.service }, reading.healthy ? 1 : 0);
    latency.set({ dependency: reading.service }, reading.latencyMs / 1000);
    if (reading.details.connections !== undefined) connections.set(reading.details.connections);
    if (reading.details.block !== undefined) block.set({ chain: reading.service }, reading.details.block);
    for (const contract of reading.details.contracts ?? []) {
      balance.set({ contract: contract.name, currency: contract.currency }, contract.balance);
      paused.set({ contract: contract.name }, contract.status === 'paused' ? 1 : 0);
    }
  };

  return {
    ...metrics,
    show: (snapshot) => {
      const { api, database, cache, chains, peers, external } = snapshot;
      for (const reading of [api, database, cache, ...chains, ...peers, ...external]) {
        if (reading !== undefined) showReading(reading);
      }
    },
  };
}
