// Made by `accelerant generate`. Do not edit: it is written anew each time.
/* eslint-disable */

declare namespace $ {
// <FIXED>
}

export namespace $Enums {
// <ENUMS>
}
// <ENUM_EXPORTS>
// <MODEL_EXPORTS>

export import Decimal = $.Decimal
export type AccelerateInfo = $.AccelerateInfo
export type CacheStrategy = $.CacheStrategy

interface Models<E, O> {
// <MEMBERS>
}
/** Extends a client: `result`, `model`, `query`, `client`. */
interface Extending<E, O> {
  $extends<R extends $.ResultExtension<Prisma.$Payloads> = {}, M extends $.ModelExtension<Prisma.$Payloads> = {}, C extends Record<string, any> = {}>(extension: {
    name?: string
    result?: R & $.ResultExtension<Prisma.$Payloads>
    model?: M
    query?: $.QueryExtension<Prisma.$Payloads>
    client?: C & ThisType<Client<E, O>>
  }): Client<$.Extended<E, R, M, C>, O>
  $extends<T>(extension: (client: Client<E, O>) => T): T
}
type Client<E, O> = $.ClientBase & $.RawQueries & $.Transacting<Client0<E, O>> & Client0<E, O> & Extending<E, O> & $.AsyncDispose
type Client0<E, O> = Models<E, O> & $.RawQueries & $.Transacting<Client0<E, O>> & { readonly $accelerate: $.AccelerateApi } & $.ClientMethods<E>

/** The client. `O` is what `omit` of its options leaves out, `E` what extensions have added. */
export type PrismaClient<O = {}, E = {}> = Client<E, O>
export const PrismaClient: {
  new <T extends Prisma.PrismaClientOptions = {}>(options?: T & $.Exact<T, Prisma.PrismaClientOptions>): PrismaClient<T extends { omit: infer G } ? (G extends object ? G : {}) : {}, {}>
}

/** The module of another schema, without types. */
export function load(where: { schema?: string; schemaPath?: string }): any

export namespace Prisma {
  export import Decimal = $.Decimal
  export import Sql = $.Sql
  export import PrismaClientKnownRequestError = $.PrismaClientKnownRequestError
  export import PrismaClientUnknownRequestError = $.PrismaClientUnknownRequestError
  export import PrismaClientRustPanicError = $.PrismaClientRustPanicError
  export import PrismaClientInitializationError = $.PrismaClientInitializationError
  export import PrismaClientValidationError = $.PrismaClientValidationError
  export import NullTypes = $.NullTypes

  const DbNull: $.NullTypes.DbNull
  const JsonNull: $.NullTypes.JsonNull
  const AnyNull: $.NullTypes.AnyNull
  const skip: $.Skip
  const prismaVersion: { client: string; engine: string }
  const dmmf: { datamodel: DMMF.Datamodel }
  /** The data model as Prisma's tools read it. */
  namespace DMMF {
    interface Field {
      name: string
      kind: "scalar" | "object" | "enum" | "unsupported"
      type: string
      isList: boolean
      isRequired: boolean
      isUnique: boolean
      isId: boolean
      isReadOnly: boolean
      hasDefaultValue: boolean
      isUpdatedAt?: boolean
      relationName?: string
      relationFromFields?: string[]
      relationToFields?: string[]
      documentation?: string
      [more: string]: any
    }
    interface Model { name: string; dbName: string | null; fields: Field[]; documentation?: string; [more: string]: any }
    interface DatamodelEnum { name: string; values: { name: string; dbName: string | null }[]; dbName?: string | null; documentation?: string }
    interface Datamodel { models: Model[]; enums: DatamodelEnum[]; types: Model[] }
  }

  function sql(strings: TemplateStringsArray | readonly string[], ...values: unknown[]): $.Sql
  const sqltag: typeof sql
  function raw(text: string): $.Sql
  function join(values: readonly unknown[], separator?: string, prefix?: string, suffix?: string): $.Sql
  const empty: $.Sql

  type JsonValue = $.JsonValue
  type JsonObject = $.JsonObject
  type JsonArray = $.JsonArray
  type InputJsonValue = $.InputJsonValue
  type InputJsonObject = $.InputJsonObject
  type InputJsonArray = $.InputJsonArray
  type PrismaPromise<T> = $.PrismaPromise<T>
  type BatchPayload = $.BatchPayload
  type LogLevel = $.LogLevel
  type LogDefinition = $.LogDefinition
  type QueryEvent = $.QueryEvent
  type LogEvent = $.LogEvent
  type ErrorFormat = $.ErrorFormat
  type CacheStrategy = $.CacheStrategy
  /** What the function of a transaction is called with. */
  type TransactionClient = $.InTransaction<Client0<{}, {}>>
  type FieldRef<Model, Type> = $.FieldRef<Model, Type extends keyof $.TypesByName ? $.TypesByName[Type] : Type>
  type TransactionIsolationLevel = $.TransactionIsolationLevel
  const TransactionIsolationLevel: { [K in $.TransactionIsolationLevel]: K }
  type SortOrder = $.SortOrder
  const SortOrder: { asc: "asc"; desc: "desc" }
  type QueryMode = "default" | "insensitive"
  const QueryMode: { default: "default"; insensitive: "insensitive" }
  type NullsOrder = "first" | "last"
  const NullsOrder: { first: "first"; last: "last" }
  type SortOrderInput = $.SortOrderInput
  type RelationLoadStrategy = "query" | "join"
  const RelationLoadStrategy: { query: "query"; join: "join" }
  type PrismaAction = $.Operation | "executeRaw" | "queryRaw"
  type DefaultPrismaClient = PrismaClient
  type Enumerable<T> = T | T[]
  type Without<T, U> = { [K in Exclude<keyof T, keyof U>]?: never }
  type XOR<T, U> = T extends object ? (U extends object ? (Without<T, U> & U) | (Without<U, T> & T) : U) : T
  type Subset<T, U> = { [K in keyof T]: K extends keyof U ? T[K] : never }
  type AtLeast<T extends object, K extends keyof T> = Partial<T> & Pick<T, K>
  type DecimalJsLike = $.DecimalLike
  const JsonNullValueInput: { JsonNull: $.NullTypes.JsonNull }
  const NullableJsonNullValueInput: { DbNull: $.NullTypes.DbNull; JsonNull: $.NullTypes.JsonNull }
  const JsonNullValueFilter: { DbNull: $.NullTypes.DbNull; JsonNull: $.NullTypes.JsonNull; AnyNull: $.NullTypes.AnyNull }

  type StringFilter<M = any> = $.Filters.StringFilter<M>
  type StringNullableFilter<M = any> = $.Filters.StringNullableFilter<M>
  type StringNullableListFilter<M = any> = $.ListFilter<string, M>
  type UuidFilter<M = any> = $.Filters.UuidFilter<M>
  type UuidNullableFilter<M = any> = $.Filters.UuidNullableFilter<M>
  type IntFilter<M = any> = $.Filters.IntFilter<M>
  type IntNullableFilter<M = any> = $.Filters.IntNullableFilter<M>
  type IntNullableListFilter<M = any> = $.ListFilter<number, M>
  type FloatFilter<M = any> = $.Filters.FloatFilter<M>
  type FloatNullableFilter<M = any> = $.Filters.FloatNullableFilter<M>
  type FloatNullableListFilter<M = any> = $.ListFilter<number, M>
  type BigIntFilter<M = any> = $.Filters.BigIntFilter<M>
  type BigIntNullableFilter<M = any> = $.Filters.BigIntNullableFilter<M>
  type BigIntNullableListFilter<M = any> = $.ListFilter<bigint | number, M>
  type DecimalFilter<M = any> = $.Filters.DecimalFilter<M>
  type DecimalNullableFilter<M = any> = $.Filters.DecimalNullableFilter<M>
  type DecimalNullableListFilter<M = any> = $.ListFilter<$.DecimalValue, M>
  type DateTimeFilter<M = any> = $.Filters.DateTimeFilter<M>
  type DateTimeNullableFilter<M = any> = $.Filters.DateTimeNullableFilter<M>
  type DateTimeNullableListFilter<M = any> = $.ListFilter<Date | string, M>
  type BoolFilter<M = any> = $.Filters.BoolFilter<M>
  type BoolNullableFilter<M = any> = $.Filters.BoolNullableFilter<M>
  type BoolNullableListFilter<M = any> = $.ListFilter<boolean, M>
  type BytesFilter<M = any> = $.Filters.BytesFilter<M>
  type BytesNullableFilter<M = any> = $.Filters.BytesNullableFilter<M>
  type BytesNullableListFilter<M = any> = $.ListFilter<Uint8Array, M>
  type JsonFilter<M = any> = $.Filters.JsonFilter<M>
  type JsonNullableFilter<M = any> = $.Filters.JsonNullableFilter<M>
  type JsonNullableListFilter<M = any> = $.ListFilter<$.InputJsonValue, M>
// <ENUM_FILTERS>

  const ModelName: {
// <MODEL_NAMES>
  }
  type ModelName = (typeof ModelName)[keyof typeof ModelName]

  interface PrismaClientOptions {
    datasources?: { ${DATASOURCE}?: { url?: string } }
    datasourceUrl?: string
    adapter?: any
    errorFormat?: $.ErrorFormat
    log?: ($.LogLevel | $.LogDefinition)[]
    transactionOptions?: $.TransactionOptions
    omit?: GlobalOmitConfig
    /** SQL commenter plugins; their `traceparent` is sent. */
    comments?: ((context: any) => Record<string, string | undefined>)[]
    accelerateUrl?: string
    /** The text of another schema than the one that these types were made for. */
    schema?: string
    schemaPath?: string
    /** The library's own configuration. */
    accelerant?: $.AccelerantOptions
  }
  interface GlobalOmitConfig {
// <GLOBAL_OMIT>
  }

  /** The arguments of an operation: `Prisma.Args<typeof prisma.user, "findMany">`. */
  type Args<T, Op extends $.Operation> = Op extends keyof $.PayloadOf<T>["args"] ? $.PayloadOf<T>["args"][Op] : any
  /** What an operation gives for arguments. */
  type Result<T, A, Op extends $.Operation> = $.OperationResult<$.PayloadOf<T>, A, Op>
  type Operation = $.Operation
  /** What there is, by the names of models and operations: for programs that are generic over both. */
  type TypeMap = {
    meta: { modelProps: keyof $Payloads; txIsolationLevel: TransactionIsolationLevel }
    model: {
      [K in keyof $Payloads as $Payloads[K]["name"]]: {
        payload: $Payloads[K]
        operations: { [Op in keyof $Payloads[K]["args"]]: { args: $Payloads[K]["args"][Op]; result: $.OperationResult<$Payloads[K], any, Extract<Op, $.Operation>> } }
      }
    }
  }
  type Payload<T> = $.PayloadOf<T>
  type Exact<A, W> = A & $.Exact<A, W>
  /** For functions that pass arguments on: `f<T extends Prisma.UserFindManyArgs>(args: Prisma.SelectSubset<T, Prisma.UserFindManyArgs>)`. */
  type SelectSubset<A, W> = $.Checked<A, W>
  type PromiseReturnType<F extends (...args: any) => Promise<any>> = F extends (...args: any) => Promise<infer V> ? V : never

  /** Gives its argument back, checked against the type. */
  function validator<V>(): <S>(value: S & $.Exact<S, V>) => S
  function validator<C, M extends keyof C & string, Op extends $.Operation>(client: C, model: M, operation: Op): <S>(args: S & $.Exact<S, Args<C[M], Op>>) => S
  function validator<C, M extends keyof C & string, Op extends $.Operation, Part extends string>(
    client: C, model: M, operation: Op, part: Part,
  ): <S>(value: S & $.Exact<S, Part extends keyof Args<C[M], Op> ? Args<C[M], Op>[Part] : never>) => S
  function getExtensionContext<T>(that: T): T & { readonly name: string; readonly $name: string; readonly $parent: any }
  function defineExtension<T>(extension: (client: any) => T): (client: any) => T
  function defineExtension<R extends $.ResultExtension<$Payloads> = {}, M extends $.ModelExtension<$Payloads> = {}, C extends Record<string, any> = {}>(extension: {
    name?: string
    result?: R & $.ResultExtension<$Payloads>
    model?: M
    query?: $.QueryExtension<$Payloads>
    client?: C
  }): <E, O>(client: Extending<E, O>) => PrismaClient<O, $.Extended<E, R, M, C>>

  interface $Payloads {
// <PAYLOADS>
  }

// <MODELS>
}
