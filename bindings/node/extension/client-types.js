"use strict"
/** The classes of the client that is extended: answers of the library are made of them. */
const { PrismaClientKnownRequestError } = require("../src/errors/classes.js")

/** Finds the classes by looking at values that the client itself gives, once, when they are first needed. */
class ClientTypes {
  constructor(client) {
    this.client = client
  }

  /** `{decimal, bytes}`: what makes a value of a text. */
  values() {
    return (this.madeValues ??= this.probe().catch((error) => {
      this.madeValues = undefined
      throw error
    }))
  }

  async probe() {
    const [row] = await this.client.$queryRawUnsafe("SELECT 1.5::numeric AS d, '\\x00'::bytea AS b")
    const Decimal = row.d.constructor
    const isBuffer = Buffer.isBuffer(row.b)
    return {
      decimal: (text) => new Decimal(text),
      bytes: (text) => (isBuffer ? Buffer.from(text, "base64") : new Uint8Array(Buffer.from(text, "base64"))),
    }
  }

  /** An error of the client's own class for one of the library. */
  async error(failure) {
    const { ErrorClass, clientVersion } = await this.errorClass()
    return new ErrorClass(failure.message, { code: failure.code, clientVersion, meta: failure.meta })
  }

  async errorClass() {
    if (this.foundErrorClass !== undefined) return this.foundErrorClass
    try {
      await this.client.$queryRawUnsafe("SELECT 1 / 0")
    } catch (error) {
      if (error?.name === "PrismaClientKnownRequestError") {
        this.foundErrorClass = { ErrorClass: error.constructor, clientVersion: error.clientVersion }
        return this.foundErrorClass
      }
    }
    return { ErrorClass: PrismaClientKnownRequestError, clientVersion: "unknown" }
  }
}

module.exports = { ClientTypes }
