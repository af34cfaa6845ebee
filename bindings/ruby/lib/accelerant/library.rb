# frozen_string_literal: true

require 'fiddle'
require 'json'

module Accelerant
  # The functions of libaccelerant.so. The library is loaded by the first use.
  module Library
    NAME = 'libaccelerant.so.1'
    # These join threads or wait for them, so other Ruby threads go on meanwhile. The others never wait for the database. They keep the
    # interpreter's lock: giving it up and taking it back costs more than a hit.
    WAITING = %w[open close].freeze

    class << self
      # Where the library is looked for, in this order. ACCELERANT_LIBRARY, when set, is the only place.
      def candidates
        named = ENV['ACCELERANT_LIBRARY']
        return [named] if named && !named.empty?

        [File.expand_path('libaccelerant.so', __dir__), File.expand_path('../../../../.build/release/libaccelerant.so', __dir__),
         NAME, "/usr/local/lib/#{NAME}"]
      end

      # Calls the function `accelerant_<name>`.
      def call(name, *arguments)
        functions.fetch(name).call(*arguments)
      end

      # Calls a function that gives a reply; returns its status, and the address of the reply or 0.
      def reply(name, *arguments)
        out = Fiddle::Pointer.malloc(Fiddle::SIZEOF_VOIDP, Fiddle::RUBY_FREE)
        status = call(name, *arguments, out)
        [status, address(out)]
      end

      # Reads and frees a reply. Returns its data as JSON and its info, or raises its error.
      def finish(reply, with_info: false)
        status = call('reply_status', reply)
        raise Error.from(text('reply_error', reply) || '', status) unless status.zero?

        [text('reply_data', reply), with_info ? text('reply_info', reply) : nil]
      ensure
        call('reply_free', reply)
      end

      # The address that C wrote to a place.
      def address(place)
        place[0, Fiddle::SIZEOF_VOIDP].unpack1('J')
      end

      private

      def functions
        @functions ||= declared(opened)
      end

      def opened
        reasons = candidates.filter_map do |path|
          next if path.include?('/') && !File.exist?(path)

          return Fiddle.dlopen(path)
        rescue Fiddle::DLError => e
          e.message
        end
        raise LibraryError, "libaccelerant.so was not found. Looked at: #{[*candidates, *reasons].join(', ')}. " \
                            'Build it (make), install it (make install), or name it in ACCELERANT_LIBRARY.'
      end

      def declared(handle)
        Functions::ALL.to_h do |name, (parameters, result)|
          needs_lock = !WAITING.include?(name)
          [name, Fiddle::Function.new(handle["accelerant_#{name}"], parameters, result, need_gvl: needs_lock)]
        end
      rescue Fiddle::DLError => e
        raise LibraryError, "libaccelerant.so is older than this package: #{e.message}"
      end

      # A text of a reply, copied; nil when there is none.
      def text(name, reply)
        size = Fiddle::Pointer.malloc(Fiddle::SIZEOF_SIZE_T, Fiddle::RUBY_FREE)
        start = call(name, reply, size)
        return nil if start.null?

        start[0, size[0, Fiddle::SIZEOF_SIZE_T].unpack1('J')].force_encoding(Encoding::UTF_8)
      end
    end
  end
end
