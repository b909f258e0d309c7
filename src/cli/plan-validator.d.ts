// scripts/lib/bundle-cli.mjs puts the validator in this place that Ajv makes of src/workflows/plan.schema.json.

/** What a validator of Ajv says of one fault. */
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
  /** Of the last call. */
  readonly errors?: readonly Fault[] | null;
};
export default validate;
