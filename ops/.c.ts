import { Command } from 'commander'; import { registerConfig } from './config.ts'; 
const p = new Command('cutover'); registerConfig(p); try { await p.parseAsync(); } catch (e) { console.error((e as Error).message); process.exitCode = (e as any).exit; }
