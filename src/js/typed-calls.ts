// Turns the description of an API into the types of the client's methods. Types only.

import type { CallOptions } from "./types.js";

/**
 * The default API of a client: any path, with unknown bodies and responses. `DeployApi` from `ontap-select-deploy/api`
 * describes the public paths.
 *
 * @example
 * ```ts
 * const addHosts = (deploy: DeployClient<AnyApi>) => deploy.post("/hosts", { hosts });
 * ```
 */
export type AnyApi = Record<never, never>;

/** The paths of an API that have a method. */
export type PathWith<Api extends object, Method extends string> = {
  [Path in keyof Api]: Method extends keyof Api[Path] ? Path : never;
}[keyof Api] &
  string;

/** The methods that an API has on any path. */
export type MethodOf<Api extends object> = {
  [Path in keyof Api]: keyof Api[Path];
}[keyof Api] &
  string;

/** Any string; an editor suggests these. */
export type Suggested<Texts extends string> = [Texts] extends [never] ? string : Texts | (string & {});

/** No value has this type. The compiler shows its name if a described path lacks `params`, a query or a body. */
export interface PathNeedsItsParamsQueryOrBody {
  /** Never present. */
  readonly described: never;
}

/** Rejects a path that the API describes for this method, so that the typed overload checks it. */
export type Undescribed<Api extends object, Method extends string, Path extends string> =
  Path extends PathWith<Api, Method> ? PathNeedsItsParamsQueryOrBody : unknown;

/** No value has this type. The compiler shows its name for `list`, `find` or `ensure` on the path of one object. */
export interface PathHasOneRecord {
  /** Never present. */
  readonly described: never;
}

/** No value has this type. The compiler shows its name for `read` or `until` on the path of a collection. */
export interface PathHasManyRecords {
  /** Never present. */
  readonly described: never;
}

/** The description of one method of one path. */
export type OperationOf<Api extends object, Method extends string, Path> = Path extends keyof Api
  ? Method extends keyof Api[Path]
    ? Api[Path][Method]
    : never
  : never;

/** The names in the braces of a path. */
export type ParamName<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamName<Rest>
  : never;

/** The body of a response; unknown if it is not described. */
export type ResponseOf<Operation> = [Operation] extends [
  {
    /** The body of the response. */
    response: infer Response;
  },
]
  ? Response
  : unknown;

/** A record in the response to a GET of a collection; `never` if it has no `records`. */
export type ListedRecord<Response> = Response extends unknown
  ? "records" extends keyof Response
    ? NonNullable<Response["records"]> extends readonly (infer Record)[]
      ? Record
      : never
    : never
  : never;

/** The record in the response to a GET of an object; `never` if it has no `record`. */
export type ReadRecord<Response> = Response extends unknown
  ? "record" extends keyof Response
    ? unknown extends Response["record"]
      ? never
      : NonNullable<Response["record"]>
    : never
  : never;

/** The record type of `list` and `find` for a path. */
export type Listed<Api extends object, Path> = ListedRecord<ResponseOf<OperationOf<Api, "GET", Path>>>;

/** The record type of `read` and `until` for a path. */
export type Read<Api extends object, Path> = ReadRecord<ResponseOf<OperationOf<Api, "GET", Path>>>;

/** The paths of collections, whose GET returns `records`. */
export type CollectionPath<Api extends object> = {
  [Path in keyof Api]: [Listed<Api, Path>] extends [never] ? never : Path;
}[keyof Api] &
  string;

/** The paths of objects, whose GET returns a `record`. */
export type ObjectPath<Api extends object> = {
  [Path in keyof Api]: [Read<Api, Path>] extends [never] ? never : Path;
}[keyof Api] &
  string;

/** The paths of collections with a POST. */
export type GrowingPath<Api extends object> = CollectionPath<Api> & PathWith<Api, "POST">;

/** Rejects a described path, as {@link Undescribed} does, and the path of one object. */
export type Unlisted<Api extends object, Path extends string> =
  Path extends CollectionPath<Api>
    ? PathNeedsItsParamsQueryOrBody
    : Path extends ObjectPath<Api>
      ? PathHasOneRecord
      : unknown;

/** The same for `ensure`. */
export type Unensured<Api extends object, Path extends string> =
  Path extends GrowingPath<Api>
    ? PathNeedsItsParamsQueryOrBody
    : Path extends ObjectPath<Api>
      ? PathHasOneRecord
      : unknown;

/** Rejects a described path, as {@link Undescribed} does, and the path of a collection. */
export type Unread<Api extends object, Path extends string> =
  Path extends ObjectPath<Api>
    ? PathNeedsItsParamsQueryOrBody
    : Path extends CollectionPath<Api>
      ? PathHasManyRecords
      : unknown;

/** The type of a body. Also accepts interfaces, which TypeScript does not assign to types with an index signature. */
export type BodyOf<Operation> = Operation extends {
  /** The body. */
  body?: infer Body;
}
  ? Body | Closed<Body>
  : never;

/** The type without index signatures. Strings stay unchanged, including those that an editor suggests. */
export type Closed<Type> = Type extends FormData | string
  ? Type
  : Type extends readonly (infer Element)[]
    ? readonly Closed<Element>[]
    : Type extends object
      ? { [Name in keyof Type as string extends Name ? never : Name]: Closed<Type[Name]> }
      : Type;

/** The options of a described call, with its `query`, and with `params` if the path has names. */
export type DescribedOptions<Path extends string, Operation> = Omit<
  CallOptions,
  "params" | "query" | "body"
> &
  ParamsOption<Path> &
  QueryOption<Operation>;

/** A value for each name in the path. */
export type ParamsOption<Path extends string> = [ParamName<Path>] extends [never]
  ? {
      /** Fills the path. */
      params?: Readonly<Record<string, never>>;
    }
  : {
      /** Fills the path. */
      params: Readonly<Record<ParamName<Path>, string | number>>;
    };

/** The query; optional if it needs no member. */
export type QueryOption<Operation> = Operation extends {
  /** The query. */
  query: infer Query;
}
  ? Record<never, never> extends Query
    ? {
        /** The query. */
        query?: Query;
      }
    : {
        /** The query. */
        query: Query;
      }
  : {
      /** The query. */
      query?: NonNullable<CallOptions["query"]>;
    };

/** The query of a search. A required member may be here or in the query of the options. */
export type SearchOf<Operation> = Operation extends {
  /** The query. */
  query: infer Query;
}
  ? Partial<Query> | undefined
  : CallOptions["query"];

/** The options of a search. Their query is merged with that of the search. */
export type SearchOptions<Path extends string, Operation> = Omit<CallOptions, "params" | "query" | "body"> &
  ParamsOption<Path> & {
    /** More of the query, such as `fields`. */
    query?: NonNullable<SearchOf<Operation>>;
  };

/** The arguments after the query in `find`. */
export type FindArguments<Api extends object, Path extends string> = OptionsArgument<
  SearchOptions<Path, OperationOf<Api, "GET", Path>>
>;

/** The query of the POST in `ensure`; optional if it needs no member. */
export type PostQueryOption<Operation> =
  Record<never, never> extends QueryOption<Operation>
    ? {
        /** The query of the POST. */
        postQuery?: NonNullable<QueryOption<Operation>["query"]>;
      }
    : {
        /** The query of the POST. */
        postQuery: NonNullable<QueryOption<Operation>["query"]>;
      };

/** The arguments after the body in `ensure`. */
export type EnsureArguments<Api extends object, Path extends string> = OptionsArgument<
  SearchOptions<Path, OperationOf<Api, "GET", Path>> & PostQueryOption<OperationOf<Api, "POST", Path>>
>;

/** The body as an option, if the call has one. */
export type BodyOption<Operation> = Operation extends {
  /** The body. */
  body: unknown;
}
  ? {
      /** The body. */
      body: BodyOf<Operation>;
    }
  : Operation extends {
        /** The body. */
        body?: unknown;
      }
    ? {
        /** The body. */
        body?: BodyOf<Operation>;
      }
    : unknown;

/** The options as the last argument; optional if no member is required. */
export type OptionsArgument<Options> =
  Record<never, never> extends Options ? [options?: Options] : [options: Options];

/** The arguments after the path in `get` and `delete`. */
export type PlainArguments<Api extends object, Method extends string, Path extends string> = OptionsArgument<
  DescribedOptions<Path, OperationOf<Api, Method, Path>>
>;

/** The arguments after the path in `request`. */
export type RequestArguments<
  Api extends object,
  Method extends string,
  Path extends string,
> = OptionsArgument<
  DescribedOptions<Path, OperationOf<Api, Method, Path>> & BodyOption<OperationOf<Api, Method, Path>>
>;

/** The arguments after the path in `post`, `put` and `patch`. */
export type BodyArguments<
  Api extends object,
  Method extends string,
  Path extends string,
  Operation = OperationOf<Api, Method, Path>,
  Options = DescribedOptions<Path, Operation>,
> = Operation extends {
  /** The body. */
  body: unknown;
}
  ? [body: BodyOf<Operation>, ...options: OptionsArgument<Options>]
  : Record<never, never> extends Options
    ? [body?: BodyOf<Operation> | undefined, options?: Options]
    : [body: BodyOf<Operation> | undefined, options: Options];
