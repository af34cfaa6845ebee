"use strict"
/** The promise of a request: it runs when it is first awaited, or as part of a transaction. */

class PrismaPromise {
  #run
  #promise
  constructor(run) {
    this.#run = run
  }

  #start() {
    let promise = this.#promise
    if (promise === undefined) {
      try {
        const result = this.#run(undefined)
        promise = result instanceof Promise ? result : Promise.resolve(result)
      } catch (error) {
        promise = Promise.reject(error)
      }
      this.#promise = promise
    }
    return promise
  }

  then(fulfilled, rejected) {
    return this.#start().then(fulfilled, rejected)
  }
  catch(rejected) {
    return this.#start().catch(rejected)
  }
  finally(done) {
    return this.#start().finally(done)
  }

  /** Runs it as a part of a transaction of a list. */
  requestTransaction(batch) {
    try {
      const result = this.#run(batch)
      return result instanceof Promise ? result : Promise.resolve(result)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  get [Symbol.toStringTag]() {
    return "PrismaPromise"
  }
}

/** The promise of an operation on a model: a read may also give its AccelerateInfo. */
class ModelPromise extends PrismaPromise {
  #withInfo
  constructor(run, withInfo) {
    super(run)
    this.#withInfo = withInfo
  }
  /** The same, giving `{data, info}`. */
  withAccelerateInfo() {
    return new PrismaPromise(this.#withInfo)
  }
}

module.exports = { PrismaPromise, ModelPromise }
