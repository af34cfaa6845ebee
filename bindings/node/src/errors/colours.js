"use strict"
/** Colours of messages, for a terminal. `NO_COLOR` and a plain terminal turn them off, `FORCE_COLOR` on, as in most programs of Node. */

const paint = (open, close) => (text) => (text === "" ? text : `\x1b[${open}m${text}\x1b[${close}m`)
const plain = (text) => text

const COLOURS = { bold: paint(1, 22), dim: paint(2, 22), underlined: paint(4, 24), red: paint(31, 39), green: paint(32, 39), grey: paint(90, 39) }
const NONE = Object.fromEntries(Object.keys(COLOURS).map((name) => [name, plain]))

/** Whether whoever reads this process's output sees colours. */
function isColourful(environment = process.env, isTerminal = process.stdout.isTTY === true) {
  const { NO_COLOR, NODE_DISABLE_COLORS, FORCE_COLOR, TERM } = environment
  if (NODE_DISABLE_COLORS || NO_COLOR !== undefined || TERM === "dumb") return false
  return FORCE_COLOR !== undefined ? FORCE_COLOR !== "0" : isTerminal
}

/** What a client's messages are painted with: colours where its `errorFormat` is "pretty". */
const coloursOf = (call) => (call.state?.errorFormat === "pretty" && isColourful() ? COLOURS : NONE)

/** Words in backticks stand out. */
const emphasized = (text, colours) => (colours === NONE ? text : text.replace(/`([^`\n]+)`/g, (_, word) => `\`${colours.bold(word)}\``))

module.exports = { coloursOf, emphasized, isColourful, NONE }
