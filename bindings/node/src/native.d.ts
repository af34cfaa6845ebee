/** The low-level door: JSON requests and answers on the event loop. */

/** A failure that the library told: `code`, `message` and `meta` are those of its error document. */
export class LibraryError extends Error {
  readonly status: number
  readonly statusName: string
  readonly code: string
  readonly meta: Record<string, unknown>
}

/** An open client. */
export class Handle {
  /** Runs one request, a JSON text or its bytes. What is known at once (a hit) comes back as it is, everything else as a promise. */
  request(text: string | Uint8Array): string | Promise<string>
  request(text: string | Uint8Array, form: 1): Uint8Array | Promise<Uint8Array>
  request(text: string | Uint8Array, form: 2): [string, string | null] | Promise<[string, string | null]>
  /** Runs one request and waits for it: for what asks no database. */
  query(text: string): string
  /** The token of the last request that was started. */
  readonly lastToken: number
  /** Asks that a request end. Whether one of that token was outstanding. */
  cancel(token: number): boolean
  /** Lets what is outstanding end, then closes the client. */
  close(): Promise<void>
}

/** Opens a client: the configuration as an object or a JSON text. */
export function open(config: string | Record<string, unknown>): Handle
/** What a request gives: the answer's text, its bytes, or text and info. */
export const Form: { readonly TEXT: 0; readonly BYTES: 1; readonly INFO: 2; readonly PIECES: 3 }
export function libraryVersion(): string
