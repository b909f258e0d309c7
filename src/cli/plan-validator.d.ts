// The types of the validator that scripts/lib/bundle-cli.mjs generates from src/workflows/plan.schema.json with Ajv.

/** One error of an Ajv validator. */
export interface Fault {
  /** The place in the plan, such as `/nodes/0/ip`. */
  readonly instancePath: string;
  readonly keyword: string;
  /** The place in the schema. */
  readonly schemaPath: string;
  readonly params: { readonly missingProperty?: string };
  readonly message?: string;
}

declare const validate: {
  (plan: unknown): boolean;
  /** The errors of the last call. */
  readonly errors?: readonly Fault[] | null;
};
export default validate;
