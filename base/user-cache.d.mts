/** The folder that holds `cutover`. */
export declare const root: string;

/** Where parts are kept: `shared` between the clones of one user, or in the project where home cannot be written to. */
export declare function chooseCache(
  environment?: NodeJS.ProcessEnv,
  platform?: NodeJS.Platform,
): { readonly folder: string; readonly shared: boolean };

/** The environment for npm, Go and pip, with room for their downloads where there is no home to keep them in. */
export declare function downloadEnvironment(environment?: NodeJS.ProcessEnv): NodeJS.ProcessEnv;

/** Whether a folder is there, or can be made, and written to. SIDE EFFECTS: makes it. */
export declare function canMake(folder: string): boolean;
