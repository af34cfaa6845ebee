// The types of the schema that `npx accelerant generate` was last run for; before that, of any schema.
export * from "./generated/index"
