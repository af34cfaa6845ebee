# frozen_string_literal: true

module Accelerant
  # Ruby's spelling and Prisma's.
  module Names
    # Members of a request that stand beside `args`.
    ENVELOPE = { timeout_ms: 'timeoutMs', traceparent: 'traceparent', date_time: 'dateTime' }.freeze
    # Arguments of operations that Ruby spells differently.
    ARGUMENTS = {
      order_by: 'orderBy', cache_strategy: 'cacheStrategy', relation_load_strategy: 'relationLoadStrategy',
      skip_duplicates: 'skipDuplicates', stale_if_error: 'staleIfError', isolation_level: 'isolationLevel', max_wait: 'maxWait'
    }.freeze

    module_function

    # `find_many` becomes `findMany`.
    def camel(name)
      name.to_s.gsub(/(?<=[^_])_+([a-z0-9])/) { Regexp.last_match(1).upcase }
    end

    # `OrderItem` becomes `order_item`.
    def snake(name)
      name.to_s.gsub(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/, '_').downcase
    end

    # A request from the keyword arguments of a call. What is nil on the top level is not given.
    def request(envelope, arguments)
      request = envelope.dup
      args = {}
      arguments.each do |name, value|
        next if value.nil?

        if ENVELOPE.key?(name) then request[ENVELOPE[name]] = value
        elsif name == :cache_strategy then args['cacheStrategy'] = value.transform_keys { |key| ARGUMENTS.fetch(key, key) }
        else args[ARGUMENTS.fetch(name, name)] = value
        end
      end
      request['args'] = args
      request
    end
  end
end
