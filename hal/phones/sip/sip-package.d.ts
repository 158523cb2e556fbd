/** The parts of the `sip` package (0.0.6) that the phones use: its parser, writer and transactions. It ships no types. */
declare module 'sip' {
  export function parse(message: Buffer): unknown;
  export function stringify(message: unknown): string;
  export function parseUri(uri: string): unknown;
  export function makeResponse(request: unknown, status: number, reason: string): unknown;
  export function makeTransactionLayer(options: object, transport: unknown): unknown;
  export function makeStreamParser(
    onMessage: (message: unknown) => void,
    onFlood: () => void,
    headersMost: number,
    contentMost: number,
  ): (chunk: string) => void;
}
