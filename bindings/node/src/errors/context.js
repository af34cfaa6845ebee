"use strict"
/** Where a call stands in the program: the head of Prisma's messages. */
const fs = require("node:fs")
const { coloursOf, emphasized } = require("./colours.js")

const LINES_BEFORE = 3

/** An operation's name and the parenthesis behind it. */
const CALL = /\.(findUnique|findUniqueOrThrow|findFirst|findFirstOrThrow|findMany|create|createMany|createManyAndReturn|update|updateMany|updateManyAndReturn|upsert|delete|deleteMany|count|aggregate|groupBy)\(/

/**
 * The lines up to the call, the last cut behind its opening parenthesis, and the call as it is written there; undefined where the
 * source cannot be read, or no operation is called there.
 */
function excerpt(location, colours) {
  let lines
  try {
    lines = fs.readFileSync(location.file, "utf8").split("\n")
  } catch {
    return undefined
  }
  const line = lines[location.line - 1]
  // Why from before the column: the place of a call is that of its operation's name, and a compiler's may be the line's beginning.
  const from = line?.startsWith(".", location.column - 2) ? location.column - 2 : 0
  const match = line && CALL.exec(line.slice(from))
  if (!match) return undefined
  const end = from + match.index + match[0].length
  const code = line.slice(line.lastIndexOf(" ", from + match.index) + 1, end)
  const width = String(location.line).length + 1
  const shown = []
  for (let number = Math.max(1, location.line - LINES_BEFORE); number <= location.line; number++) {
    const text = number === location.line ? line.slice(0, end) : lines[number - 1]
    shown.push(`${number === location.line ? "→" : " "}${String(number).padStart(width)} ${text}`)
  }
  const indent = width + 2 + line.length - line.trimStart().length
  const text = unindented(shown, width + 2).map((row) => marked(row, width + 2, colours)).join("\n")
  return { code, text, indent: indent - commonIndent(shown, width + 2) }
}

/** A row of the source, with its mark and its number. */
function marked(row, width, colours) {
  const [mark, number] = [row.slice(0, 1), row.slice(1, width)]
  return (mark === "→" ? colours.red(mark) : mark) + colours.grey(number) + row.slice(width)
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
  const location = call.model && call.site?.location()
  const colours = coloursOf(call)
  const source = location && excerpt(location, colours)
  const called = `${source ? source.code : `prisma.${call.method}(`})`
  const lines = ["", colours.red(`Invalid \`${colours.bold(called)}\` invocation${source ? " in" : ":"}`)]
  if (source) {
    lines.push(colours.underlined(`${location.file}:${location.line}:${location.column}`), "")
    if (args === undefined) lines.push(source.text)
    else lines.push(`${source.text}${indented(args, source.indent)})`, "")
  } else lines.push("", args ?? "", ...(args === undefined ? [] : [""]))
  lines.push(emphasized(message, colours))
  return lines.join("\n")
}

/** Marks stay in the first column of the arguments' own text. */
const indented = (text, width) => text.split("\n").join("\n" + " ".repeat(width))

module.exports = { withContext }
