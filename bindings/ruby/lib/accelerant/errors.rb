# frozen_string_literal: true

module Accelerant
  # A request that failed. Its subclasses are the statuses of the C header, and two codes that programs often rescue.
  class Error < StandardError
    # Prisma's code, as "P2002"; nil where the fault is this package's.
    attr_reader :code
    # The facts for programs, under Prisma's keys.
    attr_reader :meta
    # The class of outcome: "NOT_FOUND", "TIMEOUT", ...
    attr_reader :status

    def initialize(message = nil, code: nil, meta: {}, status: nil)
      super(message)
      @code = code
      @meta = meta
      @status = status
    end

    # True if the same request may succeed when it is sent again.
    def retryable?
      meta['retryable'] == true
    end

    # The error of a reply: its document as JSON, and its status as a number.
    def self.from(document, status)
      name = STATUSES.fetch(status, 'UNKNOWN')
      error = document.empty? ? {} : JSON.parse(document)
      kind = BY_CODE[error['code']] || BY_STATUS.fetch(name, Error)
      kind.new(error.fetch('message', name), code: error['code'], meta: error.fetch('meta', {}), status: name)
    end
  end

  # libaccelerant.so was not found, or is not one of this package's functions.
  class LibraryError < Error; end
  # The request does not fit the schema.
  class InvalidRequestError < Error; end
  # Configuration, schema or URL cannot be used.
  class ConfigurationError < Error; end
  # A record that has to be there is not.
  class NotFoundError < Error; end
  # The database refused a value.
  class ConstraintError < Error; end
  # A unique key has that value already. `meta['target']` names it.
  class UniqueError < ConstraintError; end
  # A foreign key has no record to refer to, or a record is still referred to.
  class ForeignKeyError < ConstraintError; end
  # A serialization failure, a deadlock, or a transaction that is over.
  class ConflictError < Error; end
  # There is no connection to the database. Nothing was done.
  class UnavailableError < Error; end
  # The connection broke while a write ran. It may have happened.
  class OutcomeUnknownError < Error; end
  # The time limit is over.
  class QueryTimeoutError < Error; end
  # The request was cancelled.
  class CancelledError < Error; end
  # The queue limit or a quota is reached.
  class OverloadedError < Error; end
  # The request or the answer is over its size limit.
  class TooLargeError < Error; end
  # The database refused the login or the access.
  class DeniedError < Error; end
  # The client is closed.
  class ClosedError < Error; end
  # The client belongs to the parent process. Open another one in the child.
  class ForkedError < Error; end
  # Any other error of the database.
  class DatabaseError < Error; end
  # A fault of the library.
  class InternalError < Error; end

  class Error
    BY_CODE = { 'P2002' => UniqueError, 'P2003' => ForeignKeyError }.freeze
    BY_STATUS = {
      'MISUSE' => InternalError, 'INVALID_REQUEST' => InvalidRequestError, 'INVALID_CONFIGURATION' => ConfigurationError,
      'NOT_FOUND' => NotFoundError, 'CONSTRAINT' => ConstraintError, 'CONFLICT' => ConflictError, 'UNAVAILABLE' => UnavailableError,
      'OUTCOME_UNKNOWN' => OutcomeUnknownError, 'TIMEOUT' => QueryTimeoutError, 'CANCELLED' => CancelledError,
      'OVERLOADED' => OverloadedError, 'TOO_LARGE' => TooLargeError, 'DENIED' => DeniedError, 'CLOSED' => ClosedError,
      'FORKED' => ForkedError, 'DATABASE' => DatabaseError, 'INTERNAL' => InternalError
    }.freeze
  end
end
