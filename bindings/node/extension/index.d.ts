import type { Prisma, PrismaClientExtends } from "@prisma/client/extension"

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
/** A Redis or Valkey behind the caches of many processes; `url` as in `redis://user:password@host:6379/0`. */
export interface TierOptions {
  url: string
  prefix?: string
  timeoutMs?: number
  maxEntryBytes?: number
  listen?: boolean
  /** 32 bytes, as base64 or hexadecimal digits: answers are sealed with it. */
  key?: string
}
/** The library's configuration: docs/reference/configuration.md. */
export interface AccelerateOptions {
  datasourceUrl?: string
  schema?: string
  schemaPath?: string
  /** The client's option `omit`: needed with a version of Prisma Client that is not known. */
  omit?: { [model: string]: { [field: string]: boolean } | undefined }
  directUrl?: string
  region?: string
  cache?: { name?: string; maxBytes?: number; maxEntryBytes?: number; auto?: boolean; listen?: boolean; listenTimeoutMs?: number; tier?: TierOptions; snapshot?: string; snapshotMinutes?: number; snapshotTrust?: "tier" | "ttl" }
  limits?: {
    queryTimeoutMs?: number
    responseBytes?: number
    requestBytes?: number
    queueLength?: number
    invalidatedTagsPerDay?: number | null
    invalidateAllPerHour?: number | null
    logEvents?: number
    logBytes?: number
  }
  clock?: "system" | "manual"
  dateTime?: "milliseconds" | "microseconds"
  errors?: { serverMessages?: boolean }
  check?: "warn" | "error"
  log?: ("query" | "info" | "warn" | "error" | { level: "query" | "info" | "warn" | "error"; params?: boolean })[]
}

/** A read's promise: it may give its AccelerateInfo, too. */
export interface AcceleratePromise<T> extends Prisma.PrismaPromise<T> {
  withAccelerateInfo(): Promise<{ data: T; info: AccelerateInfo | null }>
}
interface WithStrategy {
  cacheStrategy?: CacheStrategy | null
}
type Given<T, A, Operation extends Reading> = Prisma.Exact<A, Prisma.Args<T, Operation> & WithStrategy>
type Reading = "findUnique" | "findUniqueOrThrow" | "findFirst" | "findFirstOrThrow" | "findMany" | "count" | "aggregate" | "groupBy"
type Answer<T, A, Operation extends Reading> = AcceleratePromise<Prisma.Result<T, A, Operation>>
/** The reads of all models, in Prisma Client's own types. */
interface CachedReads {
  findUnique<T, A>(this: T, args: Given<T, A, "findUnique">): Answer<T, A, "findUnique">
  findUniqueOrThrow<T, A>(this: T, args: Given<T, A, "findUniqueOrThrow">): Answer<T, A, "findUniqueOrThrow">
  findFirst<T, A>(this: T, args?: Given<T, A, "findFirst">): Answer<T, A, "findFirst">
  findFirstOrThrow<T, A>(this: T, args?: Given<T, A, "findFirstOrThrow">): Answer<T, A, "findFirstOrThrow">
  findMany<T, A>(this: T, args?: Given<T, A, "findMany">): Answer<T, A, "findMany">
  count<T, A>(this: T, args?: Given<T, A, "count">): Answer<T, A, "count">
  aggregate<T, A>(this: T, args: Given<T, A, "aggregate">): Answer<T, A, "aggregate">
  groupBy<T, A>(this: T, args: Given<T, A, "groupBy">): Answer<T, A, "groupBy">
}
export interface AccelerateApi {
  invalidate(args: { tags: string[] }): Promise<{ requestId: string }>
  invalidateAll(): Promise<{ requestId: string }>
}
/** What the extension adds, as Prisma writes down what extensions add: each member as a function that gives it. */
interface Additions {
  result: {}
  model: { $allModels: { [K in keyof CachedReads]: () => CachedReads[K] } }
  query: {}
  client: { $accelerate: () => AccelerateApi }
}

/** `new PrismaClient().$extends(withAccelerate())` */
export declare function withAccelerate(options?: AccelerateOptions): (client: any) => PrismaClientExtends<Additions>
