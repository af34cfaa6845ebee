# frozen_string_literal: true

module Accelerant
  # An open client. Any number of threads may use it at once. See `Accelerant.open`.
  class Client
    include Queries

    # Tags that are invalidated, and the tools of the cache.
    class Accelerate
      def initialize(client)
        @client = client
      end

      # Drops the answers that have one of one to five tags.
      def invalidate(*tags)
        @client.request({ 'operation' => '$accelerate.invalidate', 'args' => { 'tags' => tags.flatten } })
      end

      # Drops every answer.
      def invalidate_all
        @client.request({ 'operation' => '$accelerate.invalidateAll' })
      end
    end

    # The tools of the cache: `db.accelerate.invalidate('users')`.
    attr_reader :accelerate
    # Decodes answers. For transactions of this client.
    attr_reader :decoder

    # Opens a client; `configuration` in Prisma's spelling, as docs/reference/configuration.md has it.
    def initialize(configuration)
      @client = open_client(JSON.generate(configuration))
      @process = Process.pid
      @inbox = Inbox.new(@client)
      @accelerate = Accelerate.new(self)
      @close_lock = Mutex.new
      load_schema
    rescue StandardError
      close if @inbox
      raise
    end

    # Closes the client: running requests fail, and its threads are joined. A second call does nothing.
    # In a child of fork it does nothing either, since all of it is the parent's.
    def close
      return if @process != Process.pid

      @close_lock&.synchronize do
        return unless @client

        @inbox.stop
        client = @client
        @client = nil
        Library.call('close', client)
        @inbox.refuse
      end
    end

    # True once `close` has been called.
    def closed?
      @client.nil?
    end

    # Runs a block in a transaction, which is committed when the block comes to its end and rolled back when it raises, and when it is left by
    # `return`, `break` or `throw`. Times are in milliseconds. Returns what the block returns.
    def transaction(**arguments)
      started = request(Names.request({ 'operation' => '$transaction.begin' }, arguments))
      begin
        result = yield Transaction.new(self, started['id'])
        is_complete = true
      ensure
        # Why not by rescue: Timeout leaves a block by `throw` before Ruby 3.2, and half of the work is not to be kept.
        roll_back(started['id']) unless is_complete
      end
      request({ 'operation' => '$transaction.commit', 'args' => { 'id' => started['id'] } })
      result
    end

    # The names of the models, in the order of the schema.
    def schema_models
      @schema['models'].keys
    end

    # Runs a request. Returns its data, and its info if asked for.
    def send_request(request, with_info: false)
      raise ForkedError, 'The client belongs to the parent process: open another one in the child.' if @process != Process.pid
      raise ClosedError, 'The client is closed.' if closed?

      text = Values.dump(request)
      # Why: an interrupt between taking a reply and freeing it would leak it. Waiting for it can be interrupted.
      data, info = Thread.handle_interrupt(Object => :on_blocking) { Library.finish(@inbox.ask(text), with_info: with_info) }
      [JSON.parse(data, max_nesting: false), info && JSON.parse(info).to_h { |key, value| [Names.snake(key).to_sym, value] }]
    end

    def inspect
      "#<Accelerant::Client #{closed? ? 'closed' : 'open'}>"
    end

    private

    attr_reader :models

    def open_client(configuration)
      place = Fiddle::Pointer.malloc(Fiddle::SIZEOF_VOIDP, Fiddle::RUBY_FREE)
      status, reply = Library.reply('open', configuration, configuration.bytesize, place)
      Library.finish(reply) unless reply.zero?
      raise Error.from('', status) unless status.zero?

      Library.address(place)
    end

    def load_schema
      @schema = send_request({ 'operation' => '$schema' }).first
      @decoder = Decoder.new(@schema['models'])
      @models = @schema['models'].keys.to_h { |name| [Names.snake(name), Model.new(name, self)] }
    end

    def roll_back(id)
      request({ 'operation' => '$transaction.rollback', 'args' => { 'id' => id } })
    rescue Error
      # Why unheard: what the block raised says more than that its transaction was over.
      nil
    end
  end

  # Opens a client. With a block, calls it with the client, closes that, and returns what the block returns.
  #
  #     Accelerant.open(schema_path: 'schema.prisma', datasource_url: 'postgresql://localhost/app') { |db| db.user.count }
  #
  # Keys of the configuration are those of docs/reference/configuration.md in Ruby's spelling; members of `cache:` and `limits:`, too.
  def self.open(**configuration)
    client = Client.new({ 'dateTime' => 'microseconds', **spell(configuration) })
    return client unless block_given?

    begin
      yield client
    ensure
      client.close
    end
  end

  def self.spell(value)
    case value
    when Hash then value.to_h { |key, member| [Names.camel(key), spell(member)] }
    when Array then value.map { |element| spell(element) }
    else value
    end
  end
  private_class_method :spell
end
