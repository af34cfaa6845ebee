"use strict"
/** The types of no schema, which the package has until `accelerant generate` writes a schema's. */
const { typesText } = require("./types.js")

const EMPTY = { models: {}, enums: {}, datasource: {}, isStrict: false, settings: { previewFeatures: new Set() } }

function looseText() {
  const any = "interface Models<E, O> {\n  /** Any model: `npx accelerant generate` writes the types of yours. */\n  readonly [model: string]: any\n"
  return typesText(EMPTY)
    .replace("interface Models<E, O> {\n", any)
    .replace("export namespace $Enums {\n\n}", "export const $Enums: any")
    .replace("  type ModelName = (typeof ModelName)[keyof typeof ModelName]", "  type ModelName = string")
}

module.exports = { looseText }

if (require.main === module) process.stdout.write(looseText())
