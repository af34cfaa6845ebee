# frozen_string_literal: true

Gem::Specification.new do |spec|
  spec.name = 'accelerant'
  spec.version = File.read(File.expand_path('lib/accelerant.rb', __dir__))[/VERSION = '(.+)'/, 1]
  spec.summary = "Prisma's query language and a cache, on your own PostgreSQL"
  spec.authors = ['The Accelerant authors']
  spec.license = 'Apache-2.0'
  spec.required_ruby_version = '>= 3.1'
  spec.files = Dir.chdir(__dir__) { Dir['lib/**/*.rb', 'examples/*.rb', 'README.md'] }
  # Parts of Ruby that are gems of their own from some version on.
  %w[base64 bigdecimal fiddle].each { |name| spec.add_dependency name }
end
