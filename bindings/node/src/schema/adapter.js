"use strict"
/** A driver adapter, `new PrismaPg({connectionString, max, …})`: where it would have connected to, and how. */

const seconds = (milliseconds) => String(Math.ceil(milliseconds / 1000))

/** What pg's pool calls these, as parameters of a URL; undefined for what is not given. */
const PARAMETERS = {
  connection_limit: ({ max }) => (Number.isInteger(max) && max > 0 ? String(max) : undefined),
  // Of a pool it is the time to get a connection, be it a new one or one that another has.
  pool_timeout: ({ connectionTimeoutMillis: time }) => (time > 0 ? seconds(time) : undefined),
  connect_timeout: ({ connectionTimeoutMillis: time }) => (time > 0 ? seconds(time) : undefined),
  application_name: ({ application_name: name }) => (typeof name === "string" ? name : undefined),
  sslmode: ({ ssl }) => sslmode(ssl),
}

/** Certificates that stand in the adapter's options are no files, which is what a URL names: then the URL has to say it. */
function sslmode(ssl) {
  if (ssl === true) return "verify-full"
  if (ssl === null || typeof ssl !== "object") return undefined
  if (ssl.rejectUnauthorized === false) return "require"
  return ssl.ca === undefined && ssl.cert === undefined && ssl.key === undefined ? "verify-full" : undefined
}

function addressOf(config) {
  if (typeof config === "string") return config
  if (typeof config?.connectionString === "string") return config.connectionString
  if (config?.host === undefined && config?.database === undefined) return undefined
  const url = new URL(`postgresql://${config.host ?? "localhost"}:${config.port ?? 5432}/${encodeURIComponent(config.database ?? "")}`)
  url.username = encodeURIComponent(config.user ?? "")
  url.password = encodeURIComponent(typeof config.password === "string" ? config.password : "")
  return url.href
}

/** The URL; undefined where the adapter names no place. What its own URL says stays. */
function urlOfAdapter(adapter) {
  const config = adapter?.config ?? adapter?.externalPool?.options
  let url = addressOf(config)
  if (url === undefined) return undefined
  const given = { schema: adapter.options?.schema }
  if (typeof config === "object") for (const [name, read] of Object.entries(PARAMETERS)) given[name] = read(config)
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || new RegExp(`[?&]${name}=`).test(url)) continue
    url += `${url.includes("?") ? "&" : "?"}${name}=${encodeURIComponent(value)}`
  }
  return url
}

module.exports = { urlOfAdapter }
