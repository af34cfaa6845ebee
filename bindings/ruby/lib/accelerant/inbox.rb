# frozen_string_literal: true

module Accelerant
  # Waits for the replies of requests that were started. One thread takes them and hands each to the thread that asked.
  #
  # Why not accelerant_query: a thread inside C hears neither Ctrl-C nor Timeout. A thread that waits for a Queue does, and so does a fiber
  # with a scheduler.
  class Inbox
    def initialize(client)
      @client = client
      @lock = Mutex.new
      @waiting = {}
      @last_token = 0
      @descriptor = IO.for_fd(Library.call('descriptor', client), autoclose: false)
      @stopped, @stop = IO.pipe
      @thread = Thread.new { take_until_stopped }
      @thread.report_on_exception = false
    end

    # Runs a request. Returns the address of its reply, which the caller frees.
    def ask(text)
      token, queue = register
      status, reply = Library.reply('request', @client, text, text.bytesize, token)
      return reply unless reply.zero?
      raise Error.from('', status) unless status.zero?

      taken = queue.pop
      taken || raise(ClosedError.new('The client is closed.', code: 'P6010', status: 'CLOSED'))
    ensure
      is_waiting = @lock.synchronize { @waiting.delete(token) }
      abandon(token, queue) if is_waiting && status&.zero? && reply.zero? && !taken
    end

    # Stops taking. What is not answered yet is refused when the client is closed, by `refuse`.
    def stop
      @stop.close
      @thread.join
      @stopped.close
    end

    # Wakes those that still wait: their client is closed.
    def refuse
      @lock.synchronize { @waiting.each_value(&:close) }
    end

    private

    def register
      @lock.synchronize do
        @last_token += 1
        [@last_token, @waiting[@last_token] = Queue.new]
      end
    end

    # Its caller was interrupted: the request ends, too.
    def abandon(token, queue)
      Library.call('cancel', @client, token)
      Library.call('reply_free', queue.pop) until queue.empty?
    end

    def take_until_stopped
      loop do
        ready, = IO.select([@descriptor, @stopped])
        return if ready.include?(@stopped)

        take_all
      end
    end

    def take_all
      place = Fiddle::Pointer.malloc(8, Fiddle::RUBY_FREE)
      loop do
        status, reply = Library.reply('take', @client, place)
        return if !status.zero? || reply.zero?

        token = place[0, 8].unpack1('Q')
        is_wanted = @lock.synchronize { @waiting[token]&.push(reply) }
        Library.call('reply_free', reply) unless is_wanted
      end
    end
  end
end
