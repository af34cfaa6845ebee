/** How an answer came about. */
export interface AccelerateInfo {
  cacheStatus: "ttl" | "swr" | "miss" | "none"
  lastModified: Date
  region: string
  requestId: string
  signature: string
}
/** How long an answer may be kept, and by which names it is dropped. */
export interface CacheStrategy {
  ttl?: number
  swr?: number
  tags?: string[]
  staleIfError?: number
  auto?: boolean
}
/** The library's configuration: docs/reference/configuration.md. */
export interface AccelerateOptions {
  datasourceUrl?: string
  schema?: string
  schemaPath?: string
  directUrl?: string
  region?: string
  cache?: { name?: string; maxBytes?: number; maxEntryBytes?: number; auto?: boolean; listen?: boolean; listenTimeoutMs?: number }
  limits?: Record<string, number | null>
  [more: string]: unknown
}

type Reads = "findUnique" | "findUniqueOrThrow" | "findFirst" | "findFirstOrThrow" | "findMany" | "count" | "aggregate" | "groupBy"
type WithStrategy<A> = A & { cacheStrategy?: CacheStrategy | null }
type Informed<R> = R extends Promise<infer V> ? R & { withAccelerateInfo(): Promise<{ data: V; info: AccelerateInfo | null }> } : R
/** The reads of a model take a `cacheStrategy`, and their promises give their info. The additions of `generated.d.ts` name each model's own. */
type CachedModel<M> = {
  [K in keyof M]: K extends Reads
    ? M[K] extends (...args: any) => any
      ? <A extends WithStrategy<Parameters<M[K]>[0]>>(args?: A) => Informed<ReturnType<M[K]>>
      : M[K]
    : M[K]
}
type Cached<C> = { [K in keyof C]: C[K] extends { findFirst: any; findMany: any } ? CachedModel<C[K]> : C[K] } & {
  $accelerate: {
    invalidate(args: { tags: string[] }): Promise<{ requestId: string }>
    invalidateAll(): Promise<{ requestId: string }>
  }
}

/** `new PrismaClient().$extends(withAccelerate())` */
export function withAccelerate(options?: AccelerateOptions): <C>(client: C) => Cached<C>
