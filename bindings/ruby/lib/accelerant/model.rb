# frozen_string_literal: true

module Accelerant
  # An answer, and how the cache took part. `info` has the keys of Prisma's AccelerateInfo, as symbols in Ruby's spelling.
  Answer = Struct.new(:data, :info)

  # The operations of one model: what `db.user` is.
  class Model
    OPERATIONS = %w[
      findUnique findUniqueOrThrow findFirst findFirstOrThrow findMany count aggregate groupBy
      create createMany createManyAndReturn update updateMany updateManyAndReturn upsert delete deleteMany
    ].freeze

    # The name in the schema.
    attr_reader :name

    def initialize(name, owner, with_info: false)
      @name = name
      @owner = owner
      @with_info = with_info
    end

    OPERATIONS.each do |operation|
      define_method(Names.snake(operation)) do |**arguments|
        @owner.perform({ 'model' => @name, 'operation' => operation }, arguments, with_info: @with_info)
      end
    end

    # The same operations, each of which returns an Answer: its data and its info.
    def with_accelerate_info
      Model.new(@name, @owner, with_info: true)
    end

    def inspect
      "#<Accelerant::Model #{@name}>"
    end
  end
end
