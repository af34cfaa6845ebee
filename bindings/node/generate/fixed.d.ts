// ---- What is the same for every schema ----

type Primitive = string | number | boolean | bigint | symbol | null | undefined
declare const resultMark: unique symbol
declare const payloadMark: unique symbol

/** The promise of a request: it runs when it is first awaited, or as a part of `$transaction`. */
export interface PrismaPromise<T> extends Promise<T> {
  readonly [Symbol.toStringTag]: "PrismaPromise"
}

/** The promise of a read: it may give its AccelerateInfo, too. */
export interface AcceleratePromise<T> extends PrismaPromise<T> {
  withAccelerateInfo(): PrismaPromise<{ data: T; info: AccelerateInfo | null }>
}

/** How an answer came about. */
export interface AccelerateInfo {
  cacheStatus: "ttl" | "swr" | "miss" | "none"
  lastModified: Date
  region: string
  requestId: string
  signature: string
  /** An old answer in the place of an error. */
  staleIfError?: true
}

/** How long an answer may be kept, and by which names it is dropped. */
export interface CacheStrategy {
  /** Seconds for which an answer is fresh. */
  ttl?: number
  /** Seconds after that for which it is given while it is read anew in the background. */
  swr?: number
  /** Names for `$accelerate.invalidate`. */
  tags?: string[]
  /** Seconds for which an old answer stands in the place of an error. */
  staleIfError?: number
  /** Whether writes drop it by themselves. */
  auto?: boolean
}

/** What a call may have beside its arguments. */
export interface CallOptions {
  signal?: SignalLike
  timeoutMs?: number
  traceparent?: string
}
interface SignalLike {
  readonly aborted: boolean
  addEventListener(type: "abort", listener: (event: any) => any, options?: any): void
}

export interface AccelerateApi {
  invalidate(args: { tags: string[] }): Promise<{ requestId: string }>
  invalidateAll(): Promise<{ requestId: string }>
  /** The SQL of the triggers by which clients that listen hear of all writes; `{execute: true}` runs it. */
  installTriggers(args?: { tables?: string[]; execute?: boolean }): Promise<any>
  removeTriggers(args?: { tables?: string[]; execute?: boolean }): Promise<any>
  /** Raw SQL that names the tables it changes, so that only their automatic answers are dropped. */
  touches(...tables: (string | string[])[]): RawQueries
  /** Moves the clock of a client that was made with `accelerant: {clock: "manual"}`. */
  advanceClock(milliseconds: number): Promise<null>
}

// ---- Results ----

/** What the types of a model's results are made of. Of types alone: no value has it. */
interface PayloadShape {
  name: string
  key: string
  scalars: object
  relations: object
  counts: object
  args: any
}
type ElementOf<R> = NonNullable<R> extends (infer E)[] ? E : NonNullable<R>
type Omitted<A, G, K> =
  A extends { omit: infer L } ? (K extends keyof L ? (L[K] extends true ? true : false) : GloballyOmitted<G, K>) : GloballyOmitted<G, K>
type GloballyOmitted<G, K> = K extends keyof G ? (G[K] extends true ? true : false) : false
/** The client's `omit` for one model. */
type OmitFor<O, P extends PayloadShape> = P["key"] extends keyof O ? O[P["key"]] : {}
/** The computed fields of one model. */
type ComputedFor<E, P extends PayloadShape> = (E extends { result: infer R } ? (P["key"] extends keyof R ? R[P["key"]] : {}) : {}) &
  (E extends { result: { $allModels: infer R } } ? R : {})
type ComputedFields<C> = { [F in keyof C]: C[F] extends { compute: (...args: any) => infer V } ? V : never }
type HasComputed<E> = E extends { result: any } ? true : false

/** A whole record: its scalars, but for what is omitted. */
type Whole<P extends PayloadShape, A, E, O> = (A extends { omit: object } ? Kept<P, A, OmitFor<O, P>> : {} extends O ? P["scalars"] : Kept<P, A, OmitFor<O, P>>) &
  (HasComputed<E> extends true ? KeptComputed<A, ComputedFields<ComputedFor<E, P>>> : {})
type Kept<P extends PayloadShape, A, G> = { [K in keyof P["scalars"] as Omitted<A, G, K> extends true ? never : K]: P["scalars"][K] }
type KeptComputed<A, C> = { [K in keyof C as Omitted<A, {}, K> extends true ? never : K]: C[K] }

type Related<R, A, E, O> = R extends (infer M)[]
  ? M extends PayloadShape ? Result<M, A, E, O>[] : never
  : null extends R
    ? NonNullable<R> extends PayloadShape ? Result<NonNullable<R>, A, E, O> | null : never
    : R extends PayloadShape ? Result<R, A, E, O> : never
type Counted<P extends PayloadShape, S> = S extends { select: infer C }
  ? { [K in keyof C as C[K] extends false | null | undefined | Skip ? never : K]: number }
  : { [K in keyof P["counts"]]: number }
type SelectedFields<P extends PayloadShape, S, E, O> = {
  -readonly [K in keyof S as S[K] extends false | null | undefined | Skip ? never : K]-?: K extends keyof P["scalars"]
    ? P["scalars"][K]
    : K extends keyof P["relations"]
      ? Related<P["relations"][K], S[K], E, O>
      : K extends "_count"
        ? Counted<P, S[K]>
        : K extends keyof ComputedFor<E, P>
          ? ComputedFields<ComputedFor<E, P>>[K]
          : never
}
/** What a record looks like that was asked for with these arguments. */
type Result<P extends PayloadShape, A, E = {}, O = {}> = A extends { select: infer S }
  ? S extends object ? SelectedFields<P, S, E, O> : Included<P, A, E, O>
  : Included<P, A, E, O>
type Included<P extends PayloadShape, A, E, O> = A extends { include: infer I }
  ? I extends object ? Whole<P, A, E, O> & SelectedFields<P, I, E, O> : Whole<P, A, E, O>
  : Whole<P, A, E, O>

type AverageOf<V> = NonNullable<V> extends Decimal ? Decimal : number
type AggregateValue<P extends PayloadShape, K, S> = {
  [F in keyof S as S[F] extends true ? F : never]: K extends "_count"
    ? number
    : F extends keyof P["scalars"]
      ? K extends "_avg" ? AverageOf<P["scalars"][F]> | null : NonNullable<P["scalars"][F]> | null
      : never
}
type Aggregated<P extends PayloadShape, A> = {
  [K in keyof A & ("_count" | "_avg" | "_sum" | "_min" | "_max") as A[K] extends false | undefined ? never : K]: K extends "_count"
    ? A[K] extends true ? number : AggregateValue<P, K, A[K]>
    : AggregateValue<P, K, A[K]>
}
type Grouped<P extends PayloadShape, A> = A extends { by: infer B }
  ? { [K in (B extends readonly (infer F)[] ? F : B) & keyof P["scalars"]]: P["scalars"][K] } & Aggregated<P, A>
  : never
type CountResult<A> = A extends { select: infer S } ? (S extends true ? number : { [K in keyof S as S[K] extends true ? K : never]: number }) : number

// ---- Arguments ----

type Leaf = Primitive | Date | Uint8Array | DecimalLike | FieldRef<any, any> | NullTypes.DbNull | NullTypes.JsonNull | NullTypes.AnyNull
type KeyOfAny<W> = W extends Leaf ? never : W extends readonly any[] ? never : W extends object ? keyof W : never
type ValueOfAny<W, K> = W extends Leaf ? never : W extends readonly any[] ? never : K extends keyof W ? W[K] : never
type ItemOfAny<W> = W extends readonly (infer I)[] ? I : never
/** `A`, with `never` for each key that `W` does not know, to any depth. */
type Exact<A, W> = A extends Leaf | ((...args: any) => any)
  ? A
  : unknown extends W
    ? A
    : [W] extends [A | undefined]
      ? A
      : A extends readonly any[]
        ? { [I in keyof A]: Exact<A[I], ItemOfAny<W>> }
        : string extends KeyOfAny<W>
          ? A
          : { [K in keyof A]: K extends KeyOfAny<W> ? Exact<A[K], ValueOfAny<W, K>> : never }
type NotBoth<A> = A extends { select: object; include: object }
  ? { select: "`select` and `include` exclude each other." }
  : A extends { select: object; omit: object } ? { select: "`select` and `omit` exclude each other." } : unknown
/** The arguments of a call, checked. */
type Checked<A, W> = A & Exact<A, W> & NotBoth<A>
/** The selections of computed fields, beside a model's own. */
type Widened<W, E, P extends PayloadShape> = HasComputed<E> extends true
  ? Omit<W, "select" | "omit"> & {
      select?: (W extends { select?: infer S } ? S : never) | ({ [K in keyof ComputedFor<E, P>]?: boolean } & (W extends { select?: infer S } ? NonNullable<S> : {})) | null
      omit?: (W extends { omit?: infer S } ? NonNullable<S> : {}) & { [K in keyof ComputedFor<E, P>]?: boolean } | null
    }
  : W
type Without<T, U> = { [K in Exclude<keyof T, keyof U>]?: never }
/** One of the two, not a mixture. */
type XOR<T, U> = T extends object ? (U extends object ? (Without<T, U> & U) | (Without<U, T> & T) : U) : T
type Enumerable<T> = T | T[]

// ---- Values ----

/** decimal.js's class: the package if it is installed, else one of our own with the same methods. */
export class Decimal {
  constructor(value: DecimalValue)
  readonly d: number[]
  readonly e: number
  readonly s: number
  absoluteValue(): Decimal
  abs(): Decimal
  ceil(): Decimal
  floor(): Decimal
  round(): Decimal
  trunc(): Decimal
  truncated(): Decimal
  negated(): Decimal
  neg(): Decimal
  squareRoot(): Decimal
  sqrt(): Decimal
  cubeRoot(): Decimal
  cbrt(): Decimal
  naturalExponential(): Decimal
  exp(): Decimal
  naturalLogarithm(): Decimal
  ln(): Decimal
  sine(): Decimal
  sin(): Decimal
  cosine(): Decimal
  cos(): Decimal
  tangent(): Decimal
  tan(): Decimal
  inverseSine(): Decimal
  asin(): Decimal
  inverseCosine(): Decimal
  acos(): Decimal
  inverseTangent(): Decimal
  atan(): Decimal
  hyperbolicSine(): Decimal
  sinh(): Decimal
  hyperbolicCosine(): Decimal
  cosh(): Decimal
  hyperbolicTangent(): Decimal
  tanh(): Decimal
  inverseHyperbolicSine(): Decimal
  asinh(): Decimal
  inverseHyperbolicCosine(): Decimal
  acosh(): Decimal
  inverseHyperbolicTangent(): Decimal
  atanh(): Decimal
  plus(other: DecimalValue): Decimal
  add(other: DecimalValue): Decimal
  minus(other: DecimalValue): Decimal
  sub(other: DecimalValue): Decimal
  times(other: DecimalValue): Decimal
  mul(other: DecimalValue): Decimal
  dividedBy(other: DecimalValue): Decimal
  div(other: DecimalValue): Decimal
  dividedToIntegerBy(other: DecimalValue): Decimal
  divToInt(other: DecimalValue): Decimal
  modulo(other: DecimalValue): Decimal
  mod(other: DecimalValue): Decimal
  toPower(other: DecimalValue): Decimal
  pow(other: DecimalValue): Decimal
  logarithm(base?: DecimalValue): Decimal
  log(base?: DecimalValue): Decimal
  toNearest(unit: DecimalValue, rounding?: Decimal.Rounding): Decimal
  clampedTo(least: DecimalValue, most: DecimalValue): Decimal
  clamp(least: DecimalValue, most: DecimalValue): Decimal
  comparedTo(other: DecimalValue): number
  cmp(other: DecimalValue): number
  equals(other: DecimalValue): boolean
  eq(other: DecimalValue): boolean
  greaterThan(other: DecimalValue): boolean
  gt(other: DecimalValue): boolean
  greaterThanOrEqualTo(other: DecimalValue): boolean
  gte(other: DecimalValue): boolean
  lessThan(other: DecimalValue): boolean
  lt(other: DecimalValue): boolean
  lessThanOrEqualTo(other: DecimalValue): boolean
  lte(other: DecimalValue): boolean
  isZero(): boolean
  isNaN(): boolean
  isFinite(): boolean
  isInteger(): boolean
  isInt(): boolean
  isNegative(): boolean
  isNeg(): boolean
  isPositive(): boolean
  isPos(): boolean
  decimalPlaces(): number
  dp(): number
  precision(includeZeros?: boolean): number
  sd(includeZeros?: boolean): number
  toDecimalPlaces(places?: number, rounding?: Decimal.Rounding): Decimal
  toDP(places?: number, rounding?: Decimal.Rounding): Decimal
  toSignificantDigits(digits?: number, rounding?: Decimal.Rounding): Decimal
  toSD(digits?: number, rounding?: Decimal.Rounding): Decimal
  toFixed(places?: number, rounding?: Decimal.Rounding): string
  toExponential(places?: number, rounding?: Decimal.Rounding): string
  toPrecision(digits?: number, rounding?: Decimal.Rounding): string
  toBinary(digits?: number, rounding?: Decimal.Rounding): string
  toOctal(digits?: number, rounding?: Decimal.Rounding): string
  toHexadecimal(digits?: number, rounding?: Decimal.Rounding): string
  toHex(digits?: number, rounding?: Decimal.Rounding): string
  toFraction(most?: DecimalValue): Decimal[]
  toNumber(): number
  toString(): string
  toJSON(): string
  valueOf(): string
  static abs(value: DecimalValue): Decimal
  static ceil(value: DecimalValue): Decimal
  static floor(value: DecimalValue): Decimal
  static round(value: DecimalValue): Decimal
  static trunc(value: DecimalValue): Decimal
  static sqrt(value: DecimalValue): Decimal
  static cbrt(value: DecimalValue): Decimal
  static exp(value: DecimalValue): Decimal
  static ln(value: DecimalValue): Decimal
  static log2(value: DecimalValue): Decimal
  static log10(value: DecimalValue): Decimal
  static sin(value: DecimalValue): Decimal
  static cos(value: DecimalValue): Decimal
  static tan(value: DecimalValue): Decimal
  static asin(value: DecimalValue): Decimal
  static acos(value: DecimalValue): Decimal
  static atan(value: DecimalValue): Decimal
  static sinh(value: DecimalValue): Decimal
  static cosh(value: DecimalValue): Decimal
  static tanh(value: DecimalValue): Decimal
  static asinh(value: DecimalValue): Decimal
  static acosh(value: DecimalValue): Decimal
  static atanh(value: DecimalValue): Decimal
  static add(one: DecimalValue, other: DecimalValue): Decimal
  static sub(one: DecimalValue, other: DecimalValue): Decimal
  static mul(one: DecimalValue, other: DecimalValue): Decimal
  static div(one: DecimalValue, other: DecimalValue): Decimal
  static mod(one: DecimalValue, other: DecimalValue): Decimal
  static pow(one: DecimalValue, other: DecimalValue): Decimal
  static log(value: DecimalValue, base?: DecimalValue): Decimal
  static atan2(y: DecimalValue, x: DecimalValue): Decimal
  static clamp(value: DecimalValue, least: DecimalValue, most: DecimalValue): Decimal
  static hypot(...values: DecimalValue[]): Decimal
  static max(...values: DecimalValue[]): Decimal
  static min(...values: DecimalValue[]): Decimal
  static sum(...values: DecimalValue[]): Decimal
  static random(places?: number): Decimal
  static sign(value: DecimalValue): number
  static isDecimal(value: any): value is Decimal
  static set(settings: Decimal.Config): typeof Decimal
  static config(settings: Decimal.Config): typeof Decimal
  static clone(settings?: Decimal.Config): typeof Decimal
  static readonly precision: number
  static readonly toExpNeg: number
  static readonly toExpPos: number
  static readonly minE: number
  static readonly maxE: number
  static readonly rounding: Decimal.Rounding
  static readonly modulo: Decimal.Modulo
  static readonly crypto: boolean
  static readonly ROUND_UP: 0
  static readonly ROUND_DOWN: 1
  static readonly ROUND_CEIL: 2
  static readonly ROUND_FLOOR: 3
  static readonly ROUND_HALF_UP: 4
  static readonly ROUND_HALF_DOWN: 5
  static readonly ROUND_HALF_EVEN: 6
  static readonly ROUND_HALF_CEIL: 7
  static readonly ROUND_HALF_FLOOR: 8
  static readonly EUCLID: 9
}
export namespace Decimal {
  type Rounding = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8
  type Modulo = Rounding | 9
  type Value = DecimalValue
  /** How a class rounds, and when it writes exponents. */
  interface Config {
    precision?: number
    rounding?: Rounding
    modulo?: Modulo
    toExpNeg?: number
    toExpPos?: number
    minE?: number
    maxE?: number
    crypto?: boolean
    defaults?: boolean
  }
}
/** Any copy of decimal.js's class. */
interface DecimalLike {
  d: number[]
  e: number
  s: number
  toFixed(): string
}
type DecimalValue = string | number | DecimalLike

export interface FieldRef<Model, Type> {
  readonly modelName: Model
  readonly name: string
  readonly typeName: string
  readonly isList: boolean
  readonly [resultMark]?: Type
}
/** The types of fields by the names that Prisma's own types give them. */
export interface TypesByName {
  String: string; Int: number; Float: number; Boolean: boolean; DateTime: Date; BigInt: bigint; Decimal: Decimal; Json: JsonValue; Bytes: Uint8Array
  "String[]": string[]; "Int[]": number[]; "Float[]": number[]; "Boolean[]": boolean[]; "DateTime[]": Date[]; "BigInt[]": bigint[]; "Decimal[]": Decimal[]
  "Json[]": JsonValue[]; "Bytes[]": Uint8Array[]
}
export type JsonObject = { [Key in string]?: JsonValue }
export interface JsonArray extends Array<JsonValue> {}
export type JsonValue = string | number | boolean | JsonObject | JsonArray | null
export type InputJsonObject = { readonly [Key in string]?: InputJsonValue | null }
export interface InputJsonArray extends ReadonlyArray<InputJsonValue | null> {}
export type InputJsonValue = string | number | boolean | InputJsonObject | InputJsonArray | { toJSON(): unknown }

declare namespace NullTypes {
  class DbNull { private readonly mark: "DbNull" }
  class JsonNull { private readonly mark: "JsonNull" }
  class AnyNull { private readonly mark: "AnyNull" }
}
declare class Skip { private readonly mark: "skip" }

/** A statement with its values. */
export class Sql {
  constructor(strings: readonly string[], values: readonly unknown[])
  readonly strings: string[]
  readonly values: unknown[]
  readonly sql: string
  readonly text: string
  readonly statement: string
  inspect(): { sql: string; text: string; statement: string; values: unknown[] }
}

// ---- Filters and updates ----

type SortOrder = "asc" | "desc"
type SortOrderInput = { sort: SortOrder; nulls?: "first" | "last" }
type Ref<M, T> = FieldRef<M, T>
interface EqualityFilter<T, M, N> {
  equals?: T | N | Ref<M, T>
  in?: T[] | N | Ref<M, T[]>
  notIn?: T[] | N | Ref<M, T[]>
}
interface OrderFilter<T, M, N> extends EqualityFilter<T, M, N> {
  lt?: T | Ref<M, T>
  lte?: T | Ref<M, T>
  gt?: T | Ref<M, T>
  gte?: T | Ref<M, T>
}
interface TextFilter<M, N> extends OrderFilter<string, M, N> {
  contains?: string | Ref<M, string>
  startsWith?: string | Ref<M, string>
  endsWith?: string | Ref<M, string>
  mode?: "default" | "insensitive"
  search?: string
}
interface Counts<M> { _count?: Filters.IntFilter<M> }
/** The aggregates of an ordered type's `having`. */
interface Extremes<F, M> extends Counts<M> { _min?: F; _max?: F }
interface Sums<F, A, M> extends Extremes<F, M> { _avg?: A; _sum?: F }
interface ListFilter<T, M> {
  equals?: T[] | Ref<M, T[]> | null
  has?: T | Ref<M, T> | null
  hasEvery?: T[] | Ref<M, T[]>
  hasSome?: T[] | Ref<M, T[]>
  isEmpty?: boolean
}
interface JsonFilterBase<M> {
  equals?: InputJsonValue | Ref<M, any> | NullTypes.DbNull | NullTypes.JsonNull | NullTypes.AnyNull
  not?: InputJsonValue | Ref<M, any> | NullTypes.DbNull | NullTypes.JsonNull | NullTypes.AnyNull
  path?: string[]
  mode?: "default" | "insensitive"
  string_contains?: string | Ref<M, string>
  string_starts_with?: string | Ref<M, string>
  string_ends_with?: string | Ref<M, string>
  array_contains?: InputJsonValue | Ref<M, any> | null
  array_starts_with?: InputJsonValue | Ref<M, any> | null
  array_ends_with?: InputJsonValue | Ref<M, any> | null
  lt?: InputJsonValue | Ref<M, any>
  lte?: InputJsonValue | Ref<M, any>
  gt?: InputJsonValue | Ref<M, any>
  gte?: InputJsonValue | Ref<M, any>
}
declare namespace Filters {
  interface StringFilter<M = any> extends TextFilter<M, never> { not?: StringFilter<M> | string | Ref<M, string> }
  interface StringNullableFilter<M = any> extends TextFilter<M, null> { not?: StringNullableFilter<M> | string | Ref<M, string> | null }
  interface UuidFilter<M = any> extends OrderFilter<string, M, never> { not?: UuidFilter<M> | string | Ref<M, string>; mode?: "default" | "insensitive" }
  interface UuidNullableFilter<M = any> extends OrderFilter<string, M, null> { not?: UuidNullableFilter<M> | string | Ref<M, string> | null; mode?: "default" | "insensitive" }
  interface IntFilter<M = any> extends OrderFilter<number, M, never> { not?: IntFilter<M> | number | Ref<M, number> }
  interface IntNullableFilter<M = any> extends OrderFilter<number, M, null> { not?: IntNullableFilter<M> | number | Ref<M, number> | null }
  interface FloatFilter<M = any> extends OrderFilter<number, M, never> { not?: FloatFilter<M> | number | Ref<M, number> }
  interface FloatNullableFilter<M = any> extends OrderFilter<number, M, null> { not?: FloatNullableFilter<M> | number | Ref<M, number> | null }
  interface BigIntFilter<M = any> extends OrderFilter<bigint | number, M, never> { not?: BigIntFilter<M> | bigint | number | Ref<M, bigint> }
  interface BigIntNullableFilter<M = any> extends OrderFilter<bigint | number, M, null> { not?: BigIntNullableFilter<M> | bigint | number | Ref<M, bigint> | null }
  interface DecimalFilter<M = any> extends OrderFilter<DecimalValue, M, never> { not?: DecimalFilter<M> | DecimalValue | Ref<M, Decimal> }
  interface DecimalNullableFilter<M = any> extends OrderFilter<DecimalValue, M, null> { not?: DecimalNullableFilter<M> | DecimalValue | Ref<M, Decimal> | null }
  interface DateTimeFilter<M = any> extends OrderFilter<Date | string, M, never> { not?: DateTimeFilter<M> | Date | string | Ref<M, Date> }
  interface DateTimeNullableFilter<M = any> extends OrderFilter<Date | string, M, null> { not?: DateTimeNullableFilter<M> | Date | string | Ref<M, Date> | null }
  interface BoolFilter<M = any> { equals?: boolean | Ref<M, boolean>; not?: BoolFilter<M> | boolean | Ref<M, boolean> }
  interface BoolNullableFilter<M = any> { equals?: boolean | Ref<M, boolean> | null; not?: BoolNullableFilter<M> | boolean | Ref<M, boolean> | null }
  interface BytesFilter<M = any> extends EqualityFilter<Uint8Array, M, never> { not?: BytesFilter<M> | Uint8Array | Ref<M, Uint8Array> }
  interface BytesNullableFilter<M = any> extends EqualityFilter<Uint8Array, M, null> { not?: BytesNullableFilter<M> | Uint8Array | Ref<M, Uint8Array> | null }
  interface EnumFilter<T, M = any> extends EqualityFilter<T, M, never> { not?: EnumFilter<T, M> | T | Ref<M, T> }
  interface EnumNullableFilter<T, M = any> extends EqualityFilter<T, M, null> { not?: EnumNullableFilter<T, M> | T | Ref<M, T> | null }
  interface JsonFilter<M = any> extends JsonFilterBase<M> {}
  interface JsonNullableFilter<M = any> extends JsonFilterBase<M> {}
}
type StringFieldUpdate<T = string> = { set?: T }
type NumberUpdate<T> = { set?: T; increment?: T; decrement?: T; multiply?: T; divide?: T }
type NullableNumberUpdate<T> = { set?: T | null; increment?: T; decrement?: T; multiply?: T; divide?: T }
type ListUpdate<T> = { set?: T[]; push?: T | T[] }

interface ListRelationFilter<W> { every?: W; some?: W; none?: W }
interface OneRelationFilter<W> { is?: W; isNot?: W }
interface OneNullableRelationFilter<W> { is?: W | null; isNot?: W | null }
interface RelationCountOrder { _count?: SortOrder }

interface CreateList<C, K, M> {
  create?: Enumerable<C>
  connectOrCreate?: Enumerable<{ where: K; create: C }>
  createMany?: { data: Enumerable<M>; skipDuplicates?: boolean }
  connect?: Enumerable<K>
}
interface CreateLinks<C, K> {
  create?: Enumerable<C>
  connectOrCreate?: Enumerable<{ where: K; create: C }>
  connect?: Enumerable<K>
}
interface CreateOne<C, K> {
  create?: C
  connectOrCreate?: { where: K; create: C }
  connect?: K
}
interface UpdateListParts<C, U, K, W, UM> {
  upsert?: Enumerable<{ where: K; update: U; create: C }>
  set?: Enumerable<K>
  disconnect?: Enumerable<K>
  delete?: Enumerable<K>
  update?: Enumerable<{ where: K; data: U }>
  updateMany?: Enumerable<{ where: W; data: UM }>
  deleteMany?: Enumerable<W>
}
interface UpdateList<C, U, K, W, M, UM> extends CreateList<C, K, M>, UpdateListParts<C, U, K, W, UM> {}
interface UpdateLinks<C, U, K, W, UM> extends CreateLinks<C, K>, UpdateListParts<C, U, K, W, UM> {}
interface UpdateOne<C, U, K, W> extends CreateOne<C, K> {
  upsert?: { update: U; create: C; where?: W }
  update?: U | { where?: W; data: U }
}
interface UpdateOptionalOne<C, U, K, W> extends UpdateOne<C, U, K, W> {
  disconnect?: boolean | W
  delete?: boolean | W
}

// ---- A model's operations ----

/** A record that may be asked for its relations. */
type Fluent<P extends PayloadShape, Value, E, O> = PrismaPromise<Value> & FluentRelations<P, Value, E, O>
type FluentRead<P extends PayloadShape, Value, E, O> = AcceleratePromise<Value> & FluentRelations<P, Value, E, O>
type FluentRelations<P extends PayloadShape, Value, E, O> = {
  [K in keyof P["relations"]]: P["relations"][K] extends (infer M)[]
    ? M extends PayloadShape
      ? <A extends M["args"]["findMany"] = {}>(args?: Checked<A, M["args"]["findMany"]>) => AcceleratePromise<Result<M, A, E, O>[] | (null extends Value ? null : never)>
      : never
    : NonNullable<P["relations"][K]> extends infer M
      ? M extends PayloadShape
        ? <A extends M["args"]["one"] = {}>(args?: Checked<A, M["args"]["one"]>) => FluentRead<M, Result<M, A, E, O> | (null extends P["relations"][K] ? null : null extends Value ? null : never), E, O>
        : never
      : never
}
interface Reads<P extends PayloadShape, E, O> {
  /** One record by a unique key, or null. */
  findUnique<A extends Widened<P["args"]["findUnique"], E, P>>(args: Checked<A, Widened<P["args"]["findUnique"], E, P>>, options?: CallOptions): FluentRead<P, Result<P, A, E, O> | null, E, O>
  /** One record by a unique key; P2025 where there is none. */
  findUniqueOrThrow<A extends Widened<P["args"]["findUniqueOrThrow"], E, P>>(args: Checked<A, Widened<P["args"]["findUniqueOrThrow"], E, P>>, options?: CallOptions): FluentRead<P, Result<P, A, E, O>, E, O>
  /** The first record that fits, or null. */
  findFirst(): FluentRead<P, Result<P, {}, E, O> | null, E, O>
  findFirst<A extends Widened<P["args"]["findFirst"], E, P>>(args: Checked<A, Widened<P["args"]["findFirst"], E, P>>, options?: CallOptions): FluentRead<P, Result<P, A, E, O> | null, E, O>
  /** The first record that fits; P2025 where there is none. */
  findFirstOrThrow(): FluentRead<P, Result<P, {}, E, O>, E, O>
  findFirstOrThrow<A extends Widened<P["args"]["findFirstOrThrow"], E, P>>(args: Checked<A, Widened<P["args"]["findFirstOrThrow"], E, P>>, options?: CallOptions): FluentRead<P, Result<P, A, E, O>, E, O>
  /** All records that fit. */
  findMany(): AcceleratePromise<Result<P, {}, E, O>[]>
  findMany<A extends Widened<P["args"]["findMany"], E, P>>(args: Checked<A, Widened<P["args"]["findMany"], E, P>>, options?: CallOptions): AcceleratePromise<Result<P, A, E, O>[]>
  count<A extends P["args"]["count"] = {}>(args?: Checked<A, P["args"]["count"]>, options?: CallOptions): AcceleratePromise<CountResult<A>>
  aggregate<A extends P["args"]["aggregate"]>(args: Checked<A, P["args"]["aggregate"]>, options?: CallOptions): AcceleratePromise<Aggregated<P, A>>
  groupBy<A extends P["args"]["groupBy"]>(args: Checked<A, P["args"]["groupBy"]> & Groupable<A>, options?: CallOptions): AcceleratePromise<Grouped<P, A>[]>
  /** The fields, to be compared with each other. */
  readonly fields: { readonly [K in keyof P["scalars"]]: FieldRef<P["name"], NonNullable<P["scalars"][K]>> }
  readonly name: P["name"]
  readonly [payloadMark]?: P
  /** The reads again, each giving the answer's bytes as they come. */
  readonly $raw: {
    findUnique(args: P["args"]["findUnique"], options?: CallOptions): PrismaPromise<Uint8Array>
    findUniqueOrThrow(args: P["args"]["findUnique"], options?: CallOptions): PrismaPromise<Uint8Array>
    findFirst(args?: P["args"]["findMany"], options?: CallOptions): PrismaPromise<Uint8Array>
    findFirstOrThrow(args?: P["args"]["findMany"], options?: CallOptions): PrismaPromise<Uint8Array>
    findMany(args?: P["args"]["findMany"], options?: CallOptions): PrismaPromise<Uint8Array>
    count(args?: P["args"]["count"], options?: CallOptions): PrismaPromise<Uint8Array>
    aggregate(args: P["args"]["aggregate"], options?: CallOptions): PrismaPromise<Uint8Array>
    groupBy(args: P["args"]["groupBy"], options?: CallOptions): PrismaPromise<Uint8Array>
  }
}
type BatchPayload = { count: number }
interface Delegate<P extends PayloadShape, E, O> extends Reads<P, E, O> {
  create<A extends Widened<P["args"]["create"], E, P>>(args: Checked<A, Widened<P["args"]["create"], E, P>>, options?: CallOptions): Fluent<P, Result<P, A, E, O>, E, O>
  createMany<A extends P["args"]["createMany"]>(args: Checked<A, P["args"]["createMany"]>, options?: CallOptions): PrismaPromise<BatchPayload>
  createManyAndReturn<A extends Widened<P["args"]["createManyAndReturn"], E, P>>(args: Checked<A, Widened<P["args"]["createManyAndReturn"], E, P>>, options?: CallOptions): PrismaPromise<Result<P, A, E, O>[]>
  update<A extends Widened<P["args"]["update"], E, P>>(args: Checked<A, Widened<P["args"]["update"], E, P>>, options?: CallOptions): Fluent<P, Result<P, A, E, O>, E, O>
  updateMany<A extends P["args"]["updateMany"]>(args: Checked<A, P["args"]["updateMany"]>, options?: CallOptions): PrismaPromise<BatchPayload>
  updateManyAndReturn<A extends Widened<P["args"]["updateManyAndReturn"], E, P>>(args: Checked<A, Widened<P["args"]["updateManyAndReturn"], E, P>>, options?: CallOptions): PrismaPromise<Result<P, A, E, O>[]>
  upsert<A extends Widened<P["args"]["upsert"], E, P>>(args: Checked<A, Widened<P["args"]["upsert"], E, P>>, options?: CallOptions): Fluent<P, Result<P, A, E, O>, E, O>
  delete<A extends Widened<P["args"]["delete"], E, P>>(args: Checked<A, Widened<P["args"]["delete"], E, P>>, options?: CallOptions): Fluent<P, Result<P, A, E, O>, E, O>
  deleteMany<A extends P["args"]["deleteMany"] = {}>(args?: Checked<A, P["args"]["deleteMany"]>, options?: CallOptions): PrismaPromise<BatchPayload>
}
type Operation =
  | "findUnique" | "findUniqueOrThrow" | "findFirst" | "findFirstOrThrow" | "findMany" | "count" | "aggregate" | "groupBy"
  | "create" | "createMany" | "createManyAndReturn" | "update" | "updateMany" | "updateManyAndReturn" | "upsert" | "delete" | "deleteMany"
type OperationResult<P extends PayloadShape, A, Op> = Op extends "findMany" | "createManyAndReturn" | "updateManyAndReturn"
  ? Result<P, A>[]
  : Op extends "findUnique" | "findFirst"
    ? Result<P, A> | null
    : Op extends "count"
      ? CountResult<A>
      : Op extends "aggregate" ? Aggregated<P, A> : Op extends "groupBy" ? Grouped<P, A>[] : Op extends "createMany" | "updateMany" | "deleteMany" ? BatchPayload : Result<P, A>
type PayloadOf<T> = T extends { readonly [payloadMark]?: infer P } ? (P extends PayloadShape ? P : never) : never

// ---- Extensions ----

/** What groups may be made of: pages need an order, and orders and filters take fields of `by`, or aggregates. */
type Groupable<A> = NotEmpty<A> & PagesOrdered<A> & OrderedBy<Exclude<A extends { orderBy: infer O } ? KeysOf<O> : never, ByOf<A> | Aggregate>>
  & FilteredBy<Exclude<A extends { having: infer H } ? PlainKeys<H> : never, ByOf<A> | "AND" | "OR" | "NOT">>
type Aggregate = "_count" | "_avg" | "_sum" | "_min" | "_max"
type ByOf<A> = A extends { by: infer B } ? (B extends readonly (infer F)[] ? F : B) : never
type KeysOf<O> = O extends readonly (infer E)[] ? (E extends any ? keyof E : never) : keyof O
type PlainKeys<H> = { [K in keyof H]: [keyof H[K]] extends [Aggregate] ? never : K }[keyof H]
type NotEmpty<A> = A extends { by: readonly never[] } ? { by: 'Error: "by" must not be empty.' } : unknown
type PagesOrdered<A> = A extends { take: number } | { skip: number } ? (A extends { orderBy: {} } ? unknown : { orderBy: 'Error: If you provide "take" or "skip", you also need to provide "orderBy"' }) : unknown
type OrderedBy<F> = [F] extends [never] ? unknown : { orderBy: `Error: Field "${F & string}" in "orderBy" needs to be provided in "by"` }
type FilteredBy<F> = [F] extends [never] ? unknown : { having: `Error: Field "${F & string}" used in "having" needs to be provided in "by".` }
type ResultExtension<M> = {
  [K in keyof M | "$allModels"]?: {
    [field: string]: { needs?: K extends keyof M ? { [F in keyof ScalarsOf<M[K]>]?: boolean } : Record<string, boolean>; compute: (record: K extends keyof M ? ScalarsOf<M[K]> : any) => unknown }
  }
}
type ScalarsOf<P> = P extends PayloadShape ? P["scalars"] : never
type ModelExtension<M> = { [K in keyof M | "$allModels"]?: Record<string, any> }
type QueryParams<P, Op> = P extends PayloadShape
  ? Op extends keyof P["args"]
    ? { model: P["name"]; operation: Op; args: P["args"][Op]; query: (args: P["args"][Op]) => PrismaPromise<any> }
    : never
  : never
type AnyQuery = { model?: string; operation: string; args: any; query: (args: any) => PrismaPromise<any> }
type QueryExtension<M> = {
  [K in keyof M]?: (M[K] extends PayloadShape ? { [Op in keyof M[K]["args"]]?: (params: QueryParams<M[K], Op>) => unknown } : {}) & {
    $allOperations?: (params: AnyQuery & { model: string }) => unknown
  }
} & {
  $allModels?: { [Op in OperationName | "$allOperations"]?: (params: AnyQuery & { model: string }) => unknown }
  $allOperations?: (params: AnyQuery) => unknown
  $queryRaw?: (params: AnyQuery) => unknown
  $executeRaw?: (params: AnyQuery) => unknown
  $queryRawUnsafe?: (params: AnyQuery) => unknown
  $executeRawUnsafe?: (params: AnyQuery) => unknown
}
type OperationName = Exclude<keyof Delegate<PayloadShape, {}, {}> & string, "fields" | "name" | "$raw">
/** What an extension adds to what there was. */
type Extended<E, R, Mo, C> = E & (keyof R extends never ? {} : { result: R }) & (keyof Mo extends never ? {} : { model: Mo }) & (keyof C extends never ? {} : { client: C })
/** Methods that extensions give to a model. */
type MethodsFor<E, K> = E extends { model: infer M } ? (K extends keyof M ? M[K] : {}) & (M extends { $allModels: infer A } ? A : {}) : {}
type WithMethods<D, E, K> = E extends { model: any } ? Omit<D, keyof MethodsFor<E, K>> & MethodsFor<E, K> : D
type ClientMethods<E> = E extends { client: infer C } ? C : {}

// ---- The client ----

type LogLevel = "info" | "query" | "warn" | "error"
type LogDefinition = { level: LogLevel; emit: "stdout" | "event" }
type QueryEvent = { timestamp: Date; query: string; params: string; duration: number; target: string }
type LogEvent = { timestamp: Date; message: string; target: string }
type ErrorFormat = "pretty" | "colorless" | "minimal"
type TransactionIsolationLevel = "ReadUncommitted" | "ReadCommitted" | "RepeatableRead" | "Serializable"
type TransactionOptions = { maxWait?: number; timeout?: number; isolationLevel?: TransactionIsolationLevel }
/** A Redis or Valkey behind the caches of many processes; `url` as in `redis://user:password@host:6379/0`. */
interface TierOptions {
  url: string
  prefix?: string
  timeoutMs?: number
  maxEntryBytes?: number
  listen?: boolean
  /** 32 bytes, as base64 or hexadecimal digits: answers are sealed with it. */
  key?: string
}
/** The library's own configuration: docs/reference/configuration.md. */
interface AccelerantOptions {
  datasourceUrl?: string
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
  /** Compares the schema with the database before the first request: what differs is logged, or fails the requests. */
  check?: "warn" | "error"
  /** The library's own log; a client's is its option `log`. */
  log?: (LogLevel | { level: LogLevel; params?: boolean })[]
}
type AsyncDispose = SymbolConstructor extends { readonly asyncDispose: infer S extends symbol } ? { [K in S]: () => Promise<void> } : {}
type RawStatement = TemplateStringsArray | Sql
type Results<T extends readonly any[]> = { -readonly [K in keyof T]: T[K] extends Promise<infer V> ? V : T[K] }
interface ClientBase {
  $connect(): Promise<void>
  $disconnect(): Promise<void>
  $on(event: "query", listener: (event: QueryEvent) => void): this
  $on(event: "info" | "warn" | "error", listener: (event: LogEvent) => void): this
  readonly $accelerate: AccelerateApi
  readonly $metrics: { json(options?: { globalLabels?: Record<string, string> }): Promise<any>; prometheus(options?: { globalLabels?: Record<string, string> }): Promise<string> }
}
interface RawQueries {
  $queryRaw<T = unknown>(statement: RawStatement, ...values: any[]): PrismaPromise<T>
  $executeRaw(statement: RawStatement, ...values: any[]): PrismaPromise<number>
  $queryRawUnsafe<T = unknown>(statement: string, ...values: any[]): PrismaPromise<T>
  $executeRawUnsafe(statement: string, ...values: any[]): PrismaPromise<number>
}
type InTransaction<C> = Omit<C, "$connect" | "$disconnect" | "$on" | "$extends">
interface Transacting<C> {
  $transaction<T extends readonly PrismaPromise<any>[]>(promises: readonly [...T], options?: TransactionOptions): Promise<Results<T>>
  $transaction<R>(run: (tx: InTransaction<C>) => Promise<R>, options?: TransactionOptions): Promise<R>
}

// ---- Errors ----

declare class PrismaClientKnownRequestError extends Error {
  constructor(message: string, options: { code: string; clientVersion: string; meta?: Record<string, unknown>; batchRequestIdx?: number })
  code: string
  meta?: Record<string, unknown>
  clientVersion: string
  batchRequestIdx?: number
}
declare class PrismaClientUnknownRequestError extends Error {
  constructor(message: string, options: { clientVersion: string; batchRequestIdx?: number })
  clientVersion: string
  batchRequestIdx?: number
}
declare class PrismaClientRustPanicError extends Error {
  constructor(message: string, clientVersion: string)
  clientVersion: string
}
declare class PrismaClientInitializationError extends Error {
  constructor(message: string, clientVersion: string, errorCode?: string)
  clientVersion: string
  errorCode?: string
}
declare class PrismaClientValidationError extends Error {
  constructor(message: string, options: { clientVersion: string })
  clientVersion: string
}
