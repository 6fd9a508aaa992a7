export declare function embed(path: string): Promise<string>;
