"use strict"
/** Arguments as text, with what is wrong underlined, and what could or has to stand there beside it. */
const { ObjectEnumValue, Skip, FieldRef } = require("../values/markers.js")
const { isDate, isDecimalLike, decimalText } = require("../values/serialize.js")

const IDENTIFIER = /^([A-Za-z_$][\w$]*|\d+)$/
const keyText = (name) => (IDENTIFIER.test(name) ? name : JSON.stringify(name))

/** A value that is written in one piece. */
class ScalarNode {
  constructor(text) {
    this.text = text
    this.isWrong = false
  }
  get width() {
    return this.text.length
  }
  write(page) {
    if (this.isWrong) page.underline(this.width)
    page.write(this.text)
  }
}

class ListNode {
  constructor(items) {
    this.items = items
    this.isWrong = false
  }
  get width() {
    return this.items.reduce((most, item) => Math.max(most, item.width), 0) + 2
  }
  write(page) {
    if (this.items.length === 0) {
      if (this.isWrong) page.underline(2)
      return page.write("[]")
    }
    const column = page.column
    page.write("[").open()
    this.items.forEach((item, index) => {
      item.write(page)
      if (index < this.items.length - 1) page.write(",")
      page.newLine()
    })
    page.close().write("]")
    if (this.isWrong) page.underlineAt(Math.min(column, page.indent), this.width)
  }
}

class ObjectNode {
  constructor(fields) {
    /** name → {node, isWrong} */
    this.fields = fields
    /** [{name, text, isRequired}], text may be a list of such. */
    this.suggestions = []
    this.isWrong = false
  }
  get width() {
    let most = 0
    for (const [name, field] of this.fields) most = Math.max(most, name.length + field.node.width + 2)
    return most + 2
  }
  suggest(name, text, isRequired = false) {
    // What is needed is told beside an `undefined` of its name, too.
    if ((isRequired || !this.fields.has(name)) && !this.suggestions.some((other) => other.name === name)) this.suggestions.push({ name, text, isRequired })
  }
  write(page) {
    if (this.fields.size === 0 && this.suggestions.length === 0) {
      if (this.isWrong) page.underline(2)
      return page.write("{}")
    }
    const indent = page.indent
    page.write("{").open()
    const members = [...[...this.fields].map(([name, field]) => () => writeField(page, name, field)), ...this.suggestions.map((suggestion) => () => writeSuggestion(page, suggestion))]
    members.forEach((write, index) => {
      write()
      if (index < members.length - 1) page.write(",")
      page.newLine()
    })
    page.close().write("}")
    if (this.isWrong) page.underlineAt(indent, this.width)
  }
}

function writeField(page, name, field) {
  const text = keyText(name)
  if (field.isWrong) page.underline(text.length)
  page.write(text + ": ")
  field.node.write(page)
}

function writeSuggestion(page, { name, text, isRequired }) {
  page.mark(isRequired ? "+" : "?")
  page.write(keyText(name) + (isRequired ? "" : "?") + ": ")
  if (typeof text === "string") return page.write(text)
  page.write("{").open()
  text.forEach((member, index) => {
    page.mark(isRequired ? "+" : "?")
    page.write(`${keyText(member.name)}: ${member.text}${index < text.length - 1 ? "," : ""}`).newLine()
  })
  page.close().mark(isRequired ? "+" : "?")
  page.write("}")
}

/** Lines of text; underlines come below the line that they are of, marks stand in its first column. */
class Page {
  constructor(colours) {
    this.colours = colours
    this.lines = []
    this.indent = 0
    this.line = ""
    this.isStarted = false
    this.sign = undefined
    this.underlines = []
  }
  get column() {
    return this.isStarted ? this.line.length : this.indent
  }
  write(text) {
    if (!this.isStarted) {
      this.line = " ".repeat(this.indent)
      this.isStarted = true
    }
    this.line += text
    return this
  }
  newLine() {
    const { red, green, dim } = this.colours
    const line = this.sign === undefined ? this.line : this.sign + this.line.slice(1)
    this.lines.push(this.sign === "+" ? green(line) : this.sign === "?" ? dim(line) : line)
    for (const [column, width] of this.underlines) this.lines.push(" ".repeat(column) + red("~".repeat(width)))
    this.line = ""
    this.isStarted = false
    this.sign = undefined
    this.underlines = []
    return this
  }
  open() {
    this.newLine()
    this.indent += 2
    return this
  }
  close() {
    this.indent -= 2
    return this
  }
  mark(sign) {
    this.sign = sign
    return this
  }
  underline(width) {
    this.underlineAt(this.column, width)
  }
  underlineAt(column, width) {
    this.underlines.push([column, width])
  }
  toString() {
    if (this.isStarted) this.newLine()
    return this.lines.join("\n")
  }
}

// MARK: From values

const MOST_DEPTH = 60
/** Why: objects that lead to each other have no end, and more ways through them with each level. */
const MOST_NODES = 100_000

function nodeOf(value) {
  let left = MOST_NODES
  return made(value, 0, () => --left >= 0)
}

/** The node of a value; `hasRoom` counts them. */
function made(value, depth, hasRoom) {
  if (!hasRoom()) return new ScalarNode("…")
  if (typeof value === "string") return new ScalarNode(JSON.stringify(value))
  if (typeof value === "bigint") return new ScalarNode(`${value}n`)
  if (value === null || typeof value !== "object") return new ScalarNode(typeof value === "function" || typeof value === "symbol" ? Object.prototype.toString.call(value) : String(value))
  if (isDate(value)) return new ScalarNode(Number.isNaN(value.getTime()) ? 'new Date("Invalid Date")' : `new Date("${value.toISOString()}")`)
  if (isDecimalLike(value)) return new ScalarNode(`new Prisma.Decimal("${decimalText(value)}")`)
  if (ArrayBuffer.isView(value)) return new ScalarNode(`new Uint8Array(${value.byteLength})`)
  if (value instanceof ObjectEnumValue) return new ScalarNode(`Prisma.${value._getName()}`)
  if (value instanceof Skip) return new ScalarNode("Prisma.skip")
  if (value instanceof FieldRef) return new ScalarNode(`prisma.${value.modelName[0].toLowerCase()}${value.modelName.slice(1)}.$fields.${value.name}`)
  if (depth > MOST_DEPTH) return new ScalarNode("…")
  if (Array.isArray(value)) return new ListNode(value.map((item) => made(item, depth + 1, hasRoom)))
  if (typeof value.toJSON === "function") return made(value.toJSON(), depth + 1, hasRoom)
  const fields = new Map()
  for (const name of Object.keys(value)) if (!(value[name] instanceof Skip)) fields.set(name, { node: made(value[name], depth + 1, hasRoom), isWrong: false })
  return new ObjectNode(fields)
}

/** The node of a path, as `["where", "OR", "0", "id"]`; undefined where there is none. */
function nodeAt(root, path) {
  let node = root
  for (const name of path) {
    if (node instanceof ObjectNode) node = node.fields.get(name)?.node
    else if (node instanceof ListNode) node = node.items[Number(name)]
    else return undefined
  }
  return node
}

function textOf(root, colours) {
  const page = new Page(colours)
  root.write(page)
  return page.toString()
}

module.exports = { nodeOf, nodeAt, textOf, ObjectNode, ListNode }
