# frozen_string_literal: true

require 'fiddle'

module Accelerant
  # What the C header declares, for Fiddle. An unsigned type is the negative of its signed one.
  module Functions
    POINTER = Fiddle::TYPE_VOIDP
    NOTHING = Fiddle::TYPE_VOID
    INT = Fiddle::TYPE_INT
    SIZE = Fiddle::TYPE_SIZE_T
    INT32 = Fiddle::TYPE_INT32_T
    UINT32 = -Fiddle::TYPE_INT32_T
    UINT64 = -Fiddle::TYPE_INT64_T

    # By name: the types of the parameters, and the type of the result.
    ALL = {
      # spec: ruby.functions
      'version' => [[], UINT32],
      'status_name' => [[INT32], POINTER],
      'open' => [[POINTER, SIZE, POINTER, POINTER], INT32],
      'close' => [[POINTER], NOTHING],
      'query' => [[POINTER, POINTER, SIZE, POINTER], INT32],
      'lookup' => [[POINTER, POINTER, SIZE, POINTER], INT32],
      'request' => [[POINTER, POINTER, SIZE, UINT64, POINTER], INT32],
      'submit' => [[POINTER, POINTER, SIZE, UINT64], INT32],
      'descriptor' => [[POINTER], INT],
      'take' => [[POINTER, POINTER, POINTER], INT32],
      'cancel' => [[POINTER, UINT64], INT32],
      'reply_status' => [[POINTER], INT32],
      'reply_data' => [[POINTER, POINTER], POINTER],
      'reply_error' => [[POINTER, POINTER], POINTER],
      'reply_info' => [[POINTER, POINTER], POINTER],
      'reply_cache_status' => [[POINTER], INT32],
      'reply_free' => [[POINTER], NOTHING]
      # spec end
    }.freeze
  end

  # Statuses by number.
  STATUSES = {
    # spec: ruby.statuses
    0 => 'OK',
    -1 => 'MISUSE',
    -2 => 'INVALID_REQUEST',
    -3 => 'INVALID_CONFIGURATION',
    -4 => 'NOT_FOUND',
    -5 => 'CONSTRAINT',
    -6 => 'CONFLICT',
    -7 => 'UNAVAILABLE',
    -8 => 'OUTCOME_UNKNOWN',
    -9 => 'TIMEOUT',
    -10 => 'CANCELLED',
    -11 => 'OVERLOADED',
    -12 => 'TOO_LARGE',
    -13 => 'DENIED',
    -14 => 'CLOSED',
    -15 => 'FORKED',
    -16 => 'DATABASE',
    -17 => 'INTERNAL'
    # spec end
  }.freeze

  # Values of `cacheStatus` by number.
  CACHE_STATUSES = {
    # spec: ruby.cache
    0 => 'none',
    1 => 'ttl',
    2 => 'swr',
    3 => 'miss'
    # spec end
  }.freeze
end
