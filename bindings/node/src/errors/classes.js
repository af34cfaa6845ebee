"use strict"
/** The error classes of Prisma Client, with its fields. */

const hidden = (target, name, value) => Object.defineProperty(target, name, { value, enumerable: false, writable: true, configurable: true })

class PrismaClientKnownRequestError extends Error {
  constructor(message, { code, clientVersion, meta, batchRequestIdx }) {
    super(message)
    this.name = "PrismaClientKnownRequestError"
    this.code = code
    this.clientVersion = clientVersion
    this.meta = meta
    hidden(this, "batchRequestIdx", batchRequestIdx)
  }
  get [Symbol.toStringTag]() {
    return "PrismaClientKnownRequestError"
  }
}

class PrismaClientUnknownRequestError extends Error {
  constructor(message, { clientVersion, batchRequestIdx }) {
    super(message)
    this.name = "PrismaClientUnknownRequestError"
    this.clientVersion = clientVersion
    hidden(this, "batchRequestIdx", batchRequestIdx)
  }
  get [Symbol.toStringTag]() {
    return "PrismaClientUnknownRequestError"
  }
}

class PrismaClientRustPanicError extends Error {
  constructor(message, clientVersion) {
    super(message)
    this.name = "PrismaClientRustPanicError"
    this.clientVersion = clientVersion
  }
  get [Symbol.toStringTag]() {
    return "PrismaClientRustPanicError"
  }
}

class PrismaClientInitializationError extends Error {
  constructor(message, clientVersion, errorCode) {
    super(message)
    this.name = "PrismaClientInitializationError"
    this.clientVersion = clientVersion
    this.errorCode = errorCode
    this.retryable = undefined
    Error.captureStackTrace(this, PrismaClientInitializationError)
  }
  get [Symbol.toStringTag]() {
    return "PrismaClientInitializationError"
  }
}

class PrismaClientValidationError extends Error {
  constructor(message, { clientVersion }) {
    super(message)
    this.name = "PrismaClientValidationError"
    this.clientVersion = clientVersion
  }
  get [Symbol.toStringTag]() {
    return "PrismaClientValidationError"
  }
}

class PrismaClientConstructorValidationError extends Error {
  constructor(message) {
    super(`${message}\nRead more at https://pris.ly/d/client-constructor`)
    this.name = "PrismaClientConstructorValidationError"
  }
  get [Symbol.toStringTag]() {
    return "PrismaClientConstructorValidationError"
  }
}

module.exports = {
  PrismaClientKnownRequestError,
  PrismaClientUnknownRequestError,
  PrismaClientRustPanicError,
  PrismaClientInitializationError,
  PrismaClientValidationError,
  PrismaClientConstructorValidationError,
}
