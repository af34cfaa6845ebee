"use strict"
/** Where a call stands in the program: the head of Prisma's messages. */
const fs = require("node:fs")

const LINES_BEFORE = 3

/** The lines up to the call, the last cut behind its opening parenthesis; undefined where the source cannot be read. */
function excerpt(location, method) {
  let lines
  try {
    lines = fs.readFileSync(location.file, "utf8").split("\n")
  } catch {
    return undefined
  }
  const line = lines[location.line - 1]
  if (line === undefined) return undefined
  const name = method.split(".").pop()
  const at = line.indexOf(name, Math.max(0, location.column - 1))
  const open = at < 0 ? -1 : line.indexOf("(", at)
  if (open < 0) return undefined
  const width = String(location.line).length + 1
  const shown = []
  for (let number = Math.max(1, location.line - LINES_BEFORE); number <= location.line; number++) {
    const text = number === location.line ? line.slice(0, open + 1) : lines[number - 1]
    shown.push(`${number === location.line ? "→" : " "}${String(number).padStart(width)} ${text}`)
  }
  const indent = width + 2 + line.length - line.trimStart().length
  return { text: unindented(shown, width + 2).join("\n"), indent: indent - commonIndent(shown, width + 2) }
}

function commonIndent(lines, from) {
  const widths = lines.map((line) => line.slice(from)).filter((text) => text.trim() !== "").map((text) => text.length - text.trimStart().length)
  return widths.length > 0 ? Math.min(...widths) : 0
}
/** The lines without the blanks that all of them begin with. */
function unindented(lines, from) {
  const common = commonIndent(lines, from)
  return lines.map((line) => line.slice(0, from) + line.slice(from + common))
}

/** The whole message: what was called, where, with which arguments, and what is wrong. */
function withContext(call, message, args) {
  if (call.method === undefined) return message
  const location = call.site?.location()
  const lines = ["", `Invalid \`prisma.${call.method}()\` invocation${location ? " in" : ":"}`]
  if (location) lines.push(`${location.file}:${location.line}:${location.column}`)
  const source = location && excerpt(location, call.method)
  lines.push("")
  if (source) {
    if (args === undefined) lines.push(source.text)
    else lines.push(`${source.text}${indented(args, source.indent)})`, "")
  } else lines.push(args ?? "", ...(args === undefined ? [] : [""]))
  lines.push(message)
  return lines.join("\n")
}

const indented = (text, width) => text.split("\n").join("\n" + " ".repeat(width))

module.exports = { withContext }
