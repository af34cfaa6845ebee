"use strict"
/** An argument that cannot be sent at all: where it stands, and why. Becomes a PrismaClientValidationError where it is caught. */
class InvalidArgument extends Error {
  constructor(path, reason, provided, shown) {
    super(reason)
    this.path = [...path]
    this.reason = reason
    this.provided = provided
    /** The argument that the message names, if it is not the last of the path. */
    this.shown = shown === undefined ? undefined : [...shown]
  }
}

module.exports = { InvalidArgument }
