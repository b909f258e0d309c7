// How a description of an API becomes the types of a client's methods. Types only.

import type { CallOptions } from "./types.js";

/**
 * The API of a client that was given none: any path, bodies and responses unknown. `DeployApi`, of
 * `ontap-select-deploy/api`, describes the public ones.
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

/** What an editor offers where any text is taken. */
export type Suggested<Texts extends string> = [Texts] extends [never] ? string : Texts | (string & {});

/** Nothing is of this type; its name is what the compiler says of a described path without all that it needs. */
export interface PathNeedsItsParamsQueryOrBody {
  /** Not there. */
  readonly described: never;
}

/** Refuses a path that the API describes for this method, so that it is checked against its description. */
export type Undescribed<Api extends object, Method extends string, Path extends string> =
  Path extends PathWith<Api, Method> ? PathNeedsItsParamsQueryOrBody : unknown;

/** Nothing is of this type; its name is what the compiler says of `list`, `find` or `ensure` on the path of one object. */
export interface PathHasOneRecord {
  /** Not there. */
  readonly described: never;
}

/** Nothing is of this type; its name is what the compiler says of `read` or `until` on the path of a collection. */
export interface PathHasManyRecords {
  /** Not there. */
  readonly described: never;
}

/** What stands for one method of one path. */
export type OperationOf<Api extends object, Method extends string, Path> = Path extends keyof Api
  ? Method extends keyof Api[Path]
    ? Api[Path][Method]
    : never
  : never;

/** The names in braces of a path. */
export type ParamName<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamName<Rest>
  : never;

/** The body of a response; not described: unknown. */
export type ResponseOf<Operation> = [Operation] extends [
  {
    /** The body of the response. */
    response: infer Response;
  },
]
  ? Response
  : unknown;

/** A record of a collection, by the response to its GET; `never` where that has no `records`. */
export type ListedRecord<Response> = Response extends unknown
  ? "records" extends keyof Response
    ? NonNullable<Response["records"]> extends readonly (infer Record)[]
      ? Record
      : never
    : never
  : never;

/** The record of an object, by the response to its GET; `never` where that has no `record`. */
export type ReadRecord<Response> = Response extends unknown
  ? "record" extends keyof Response
    ? unknown extends Response["record"]
      ? never
      : NonNullable<Response["record"]>
    : never
  : never;

/** What `list` and `find` give of a path. */
export type Listed<Api extends object, Path> = ListedRecord<ResponseOf<OperationOf<Api, "GET", Path>>>;

/** What `read` and `until` give of a path. */
export type Read<Api extends object, Path> = ReadRecord<ResponseOf<OperationOf<Api, "GET", Path>>>;

/** The paths of collections: their GET gives `records`. */
export type CollectionPath<Api extends object> = {
  [Path in keyof Api]: [Listed<Api, Path>] extends [never] ? never : Path;
}[keyof Api] &
  string;

/** The paths of objects: their GET gives a `record`. */
export type ObjectPath<Api extends object> = {
  [Path in keyof Api]: [Read<Api, Path>] extends [never] ? never : Path;
}[keyof Api] &
  string;

/** The paths of collections that a POST adds to. */
export type GrowingPath<Api extends object> = CollectionPath<Api> & PathWith<Api, "POST">;

/** Refuses what the API describes, as {@link Undescribed} does, and the path of one object. */
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

/** Refuses what the API describes, as {@link Undescribed} does, and the path of a collection. */
export type Unread<Api extends object, Path extends string> =
  Path extends ObjectPath<Api>
    ? PathNeedsItsParamsQueryOrBody
    : Path extends CollectionPath<Api>
      ? PathHasManyRecords
      : unknown;

/** What is taken as a body: as described, also from an interface, which TypeScript does not take for an open type. */
export type BodyOf<Operation> = Operation extends {
  /** The body. */
  body?: infer Body;
}
  ? Body | Closed<Body>
  : never;

/** Without the index signatures. A text stays one, also of the words that an editor offers. */
export type Closed<Type> = Type extends FormData | string
  ? Type
  : Type extends readonly (infer Element)[]
    ? readonly Closed<Element>[]
    : Type extends object
      ? { [Name in keyof Type as string extends Name ? never : Name]: Closed<Type[Name]> }
      : Type;

/** The options of a call that is described: `params` where the path has names, and its own `query`. */
export type DescribedOptions<Path extends string, Operation> = Omit<
  CallOptions,
  "params" | "query" | "body"
> &
  ParamsOption<Path> &
  QueryOption<Operation>;

/** A value for each name of the path. */
export type ParamsOption<Path extends string> = [ParamName<Path>] extends [never]
  ? {
      /** Fills the path. */
      params?: Readonly<Record<string, never>>;
    }
  : {
      /** Fills the path. */
      params: Readonly<Record<ParamName<Path>, string | number>>;
    };

/** The query, which may be left out where it needs no member. */
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

/** What a search looks for. Where the API needs a member, it may be here or in the query of the options. */
export type SearchOf<Operation> = Operation extends {
  /** The query. */
  query: infer Query;
}
  ? Partial<Query> | undefined
  : CallOptions["query"];

/** Options beside a search, whose query goes with it. */
export type SearchOptions<Path extends string, Operation> = Omit<CallOptions, "params" | "query" | "body"> &
  ParamsOption<Path> & {
    /** More of the query, such as `fields`. */
    query?: NonNullable<SearchOf<Operation>>;
  };

/** What follows the query in `find`. */
export type FindArguments<Api extends object, Path extends string> = OptionsArgument<
  SearchOptions<Path, OperationOf<Api, "GET", Path>>
>;

/** The query of a POST beside those of GETs, which may be left out where it needs no member. */
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

/** What follows the body in `ensure`. */
export type EnsureArguments<Api extends object, Path extends string> = OptionsArgument<
  SearchOptions<Path, OperationOf<Api, "GET", Path>> & PostQueryOption<OperationOf<Api, "POST", Path>>
>;

/** The body as an option, where the call has one. */
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

/** Options as the last argument, which may be left out where none is needed. */
export type OptionsArgument<Options> =
  Record<never, never> extends Options ? [options?: Options] : [options: Options];

/** What follows the path in `get` and `delete`. */
export type PlainArguments<Api extends object, Method extends string, Path extends string> = OptionsArgument<
  DescribedOptions<Path, OperationOf<Api, Method, Path>>
>;

/** What follows the path in `request`. */
export type RequestArguments<
  Api extends object,
  Method extends string,
  Path extends string,
> = OptionsArgument<
  DescribedOptions<Path, OperationOf<Api, Method, Path>> & BodyOption<OperationOf<Api, Method, Path>>
>;

/** What follows the path in `post`, `put` and `patch`. */
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
