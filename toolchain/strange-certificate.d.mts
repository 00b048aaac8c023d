/** What to do where a download failed because of who signed the certificate; undefined where it was something else. */
export declare function strangeCertificate(said: string): string | undefined;

/** What a tool said of a download, and below it what helps where that is known. */
export declare function withHelp(said: string): string;
