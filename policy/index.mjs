// The start-up code of Pulumi would send TypeScript through ts-node. From a module that is no TypeScript Node goes on by
// itself and strips the types.
import './pack.ts';
