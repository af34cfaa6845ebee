# frozen_string_literal: true

module Accelerant
  # An interactive transaction: the operations of a client, on one connection, that happen together or not at all.
  class Transaction
    include Queries

    def initialize(client, id)
      @client = client
      @id = id
    end

    # Runs a block that is taken back alone when it raises. Returns what it returns.
    def savepoint(name = 'savepoint')
      step('$transaction.savepoint', name)
      begin
        result = yield self
      rescue Exception
        take_back(name)
        raise
      end
      step('$transaction.release', name)
      result
    end

    private

    def models
      @models ||= @client.schema_models.to_h { |name| [Names.snake(name), Model.new(name, self)] }
    end

    def decoder
      @client.decoder
    end

    def send_request(request, with_info: false)
      @client.send_request({ **request, 'transaction' => @id }, with_info: with_info)
    end

    def take_back(name)
      step('$transaction.rollbackTo', name)
    rescue Error
      # Why unheard: what the block raised says more.
      nil
    end

    def step(operation, name)
      send_request({ 'operation' => operation, 'args' => { 'name' => name } })
    end
  end
end
