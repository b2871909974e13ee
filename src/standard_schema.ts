/**
 * The types of Standard Schema 1.0, flattened: any library that implements it
 * (valibot, zod, arktype …) fits without a dependency. Types only.
 *
 * @module
 */

/** A schema of any library that implements Standard Schema. */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** The properties of the standard. */
  readonly "~standard": {
    /** The version of the standard. */
    readonly version: 1;
    /** The name of the library. */
    readonly vendor: string;
    /** Inferred types; never present at run time. */
    readonly types?:
      | { readonly input: Input; readonly output: Output }
      | undefined;
    /** Validates a value. Look at `issues` first: a failure may carry a value too. */
    readonly validate: (
      value: unknown,
    ) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
  };
}

/** What `validate` returns. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong with a value. */
export interface SchemaIssue {
  /** What is wrong, for people. */
  readonly message: string;
  /** Where; the segments of some libraries carry the data as well. */
  readonly path?:
    | readonly (PropertyKey | { readonly key: PropertyKey })[]
    | undefined;
}

/** The type a schema accepts. */
export type SchemaInput<S extends StandardSchema> = NonNullable<
  S["~standard"]["types"]
>["input"];

/** The type a schema produces. */
export type SchemaOutput<S extends StandardSchema> = NonNullable<
  S["~standard"]["types"]
>["output"];
