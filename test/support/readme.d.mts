export declare function row(...cells: readonly string[]): string;
export declare function putTable(name: string, lines: readonly string[], readme: string): Promise<void>;
