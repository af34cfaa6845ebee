"use strict"
/** The CommonJS door. Beside what stands here it has the default schema's enums, by their names. */
const exported = require("./src/module.js")

module.exports = new Proxy(exported, {
  get(target, name) {
    if (name in target || typeof name === "symbol" || name === "__esModule" || name === "then") return target[name]
    return target.$Enums[name]
  },
})
