"use strict"
/** Finds and loads the addon and libaccelerant. */
const { execFileSync } = require("node:child_process")
const fs = require("node:fs")
const os = require("node:os")
const path = require("node:path")

const PACKAGE = path.join(__dirname, "..")
const PREBUILT = path.join(PACKAGE, "prebuilt", `${process.platform}-${process.arch}`)
const CHECKOUT = path.join(PACKAGE, "..", "..", ".build")
const SONAME = "libaccelerant.so.1"

/** Where the addon is looked for. ACCELERANT_NODE_ADDON, when set, is the only place. */
function addonPaths() {
  const named = process.env.ACCELERANT_NODE_ADDON
  return named ? [named] : [path.join(PREBUILT, "accelerant.node"), path.join(PACKAGE, "build", "accelerant.node")]
}

/** Where libaccelerant is looked for, in this order. ACCELERANT_LIBRARY, when set, is the only place. */
function libraryPaths() {
  const named = process.env.ACCELERANT_LIBRARY
  if (named) return [named]
  return [
    path.join(PREBUILT, "libaccelerant.so"),
    path.join(CHECKOUT, "release", "libaccelerant.so"),
    path.join(CHECKOUT, "debug", "libaccelerant.so"),
    SONAME,
    "/usr/local/lib/" + SONAME,
  ]
}

function initializationError(message) {
  const error = new Error(message)
  error.name = "PrismaClientInitializationError"
  return error
}

/** Where the package has no addon for this machine, a C compiler makes it: no headers of Node's are needed. */
function buildAddon() {
  const places = [path.join(PACKAGE, "build"), path.join(os.tmpdir(), `accelerant-node-${process.getuid?.() ?? 0}`)]
  const reasons = []
  for (const folder of places) {
    const file = path.join(folder, "accelerant.node")
    try {
      execFileSync("sh", [path.join(PACKAGE, "native", "build"), file], { stdio: ["ignore", "ignore", "pipe"] })
      return file
    } catch (error) {
      reasons.push(String(error.stderr ?? error.message).trim())
    }
  }
  const places_ = addonPaths().join(", ")
  throw initializationError(
    `The addon accelerant.node was not found. Looked at: ${places_}. It could not be built either: ${reasons[0]}. ` +
      "Install a C compiler, or name the addon in ACCELERANT_NODE_ADDON.",
  )
}

/** Whether a built addon is older than its sources: in a checkout they change. */
function isStale(file) {
  if (path.dirname(file) !== path.join(PACKAGE, "build")) return false
  const built = fs.statSync(file).mtimeMs
  const folder = path.join(PACKAGE, "native")
  return fs.existsSync(folder) && fs.readdirSync(folder).some((name) => fs.statSync(path.join(folder, name)).mtimeMs > built)
}

function loadAddon() {
  for (const file of addonPaths()) if (fs.existsSync(file) && !isStale(file)) return require(file)
  return require(buildAddon())
}

/** What to do: libpq is the system's own, as its fixes are. */
const advice = (reasons) =>
  reasons.some((reason) => reason.includes("libpq.so"))
    ? "PostgreSQL's client library is missing. Install it: apt-get install libpq5 (Debian, Ubuntu), dnf install libpq (Fedora, RHEL)."
    : "Build it (swift build -c release), install it (make install), or name it in ACCELERANT_LIBRARY."

function loadLibrary(addon) {
  const reasons = []
  for (const file of libraryPaths()) {
    if (file.includes(path.sep) && !fs.existsSync(file)) continue
    const reason = addon.load(file)
    if (reason === null) return
    reasons.push(reason)
  }
  throw initializationError(
    `libaccelerant.so was not found. Looked at: ${libraryPaths().join(", ")}${reasons.length ? ` (${reasons.join("; ")})` : ""}. ` +
      advice(reasons),
  )
}

const addon = loadAddon()
loadLibrary(addon)

/** The loaded library's version, as "1.2.3". */
function libraryVersion() {
  const number = addon.version()
  return `${Math.floor(number / 1_000_000)}.${Math.floor(number / 1000) % 1000}.${number % 1000}`
}

module.exports = { addon, libraryVersion }
