# frozen_string_literal: true

# Prisma's query language and a cache, on your own PostgreSQL, from Ruby.
module Accelerant
  VERSION = '0.2.0'
end

require_relative 'accelerant/functions'
require_relative 'accelerant/errors'
require_relative 'accelerant/library'
require_relative 'accelerant/names'
require_relative 'accelerant/values'
require_relative 'accelerant/inbox'
require_relative 'accelerant/model'
require_relative 'accelerant/queries'
require_relative 'accelerant/transaction'
require_relative 'accelerant/client'
