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
