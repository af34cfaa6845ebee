# frozen_string_literal: true

module Accelerant
  # What a client and a transaction both do: operations of models, and raw SQL. `send_request` is theirs.
  module Queries
    # Runs an operation of a model with the keyword arguments of a call.
    def perform(envelope, arguments, with_info: false)
      data, info = send_request(Names.request(envelope, arguments), with_info: with_info)
      data = decoder.answer(envelope, data)
      with_info ? Answer.new(data, info) : data
    end

    # Runs SQL that returns rows: hashes with symbols as keys. `$1` stands for the first parameter.
    def query_raw(query, *parameters, **arguments)
      raw('$queryRaw', query, parameters, arguments).map { |row| row.transform_keys(&:to_sym) }
    end

    # Runs SQL and returns how many rows it changed.
    def execute_raw(query, *parameters, **arguments)
      raw('$executeRaw', query, parameters, arguments)
    end

    # Runs any request, given as a hash in Prisma's spelling. Returns its data as JSON has it.
    def request(request)
      send_request(request).first
    end

    # The model of that name, as `db[:User]`: also for names that a method cannot have.
    def [](name)
      models.fetch(Names.snake(name)) { raise KeyError, "the schema has no model #{name}" }
    end

    def respond_to_missing?(name, include_private = false)
      models.key?(name.to_s) || super
    end

    private

    def method_missing(name, *arguments)
      return super unless arguments.empty? && models.key?(name.to_s)

      models[name.to_s]
    end

    def raw(operation, query, parameters, arguments)
      args = { query: query, parameters: parameters, **arguments }
      send_request(Names.request({ 'operation' => operation }, args)).first
    end
  end
end
