import { createHash } from 'node:crypto';
import { apiStatus, healthReport, type Snapshot } from './reports.ts';

const style = `
:root { color-scheme: light dark; --ink: #16181d; --soft: #5d6471; --line: #dfe2e8; --paper: #fbfbfa; --good: #1a7f4b; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #eceef2; --soft: #9aa1ae; --line: #2b2f38; --paper: #121419; --good: #57c98b; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 44rem; margin: 0 auto; padding: 12vh 1.5rem 4rem; }
h1 { margin: 0; font-size: 2rem; font-weight: 600; letter-spacing: -0.02em; }
h2 { margin: 3rem 0 0.5rem; font-size: 0.8rem; font-weight: 600; letter-spacing: 0.08em; text-transform: uppercase; color: var(--soft); }
p { margin: 0.25rem 0 0; color: var(--soft); }
dl { margin: 0; border-top: 1px solid var(--line); }
dl div { display: flex; flex-wrap: wrap; gap: 0 1.5rem; justify-content: space-between; padding: 0.6rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
code { font: 0.9em ui-monospace, monospace; }
.good { color: var(--good); } .bad { color: var(--bad); }
`;

/** The policy that comes with the page: its own style, and nothing else from anywhere. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

/** What the page shows beside the health of things. */
export interface PageFacts {
  /** The system's name as people write it. */
  readonly title: string;
  readonly service: string;
  readonly network: string;
}

/** The service's page: what it is, on which network, with which contracts, and how it is. */
export function page(facts: PageFacts, snapshot: Snapshot): string {
  const report = healthReport(snapshot);
  const contracts = Object.entries(apiStatus(snapshot).contracts);
  const healthy = report.status === 'HEALTHY';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(facts.title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escape(facts.title)}</h1>
<p>${escape(facts.service)} ${escape(snapshot.version)} on ${escape(facts.network)}, <span class="${healthy ? 'good' : 'bad'}">${healthy ? 'healthy' : 'degraded'}</span></p>
<h2>Health</h2>
<dl>
${report.checks.map((check) => row(check.service, check.healthy ? `<span class="good">healthy</span>, ${check.latency} ms` : `<span class="bad">${escape(check.error)}</span>`)).join('\n')}
</dl>
${contracts.length === 0 ? '' : contractList(contracts)}
</main>
</body>
</html>
`;
}

/** A system's name as people write it: meta-aggregator is Meta Aggregator. */
export function titleOf(system: string): string {
  return system
    .split(/[-_ ]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}

function contractList(contracts: [string, { address: string; status: string; balance: string }][]): string {
  const rows = contracts.map(([name, { address, status, balance }]) =>
    row(
      name.replaceAll('_', ' '),
      `<code>${escape(address)}</code><br>${escape(status)}, holds ${escape(balance)}`,
    ),
  );
  return `<h2>Contracts</h2>\n<dl>\n${rows.join('\n')}\n</dl>`;
}

/** One line of a list; the value is HTML already. */
function row(name: string, value: string): string {
  return `<div><dt>${escape(name)}</dt><dd>${value}</dd></div>`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
