# frozen_string_literal: true

# Asks the demo's database, as `bindings/demo` fills it:
#
#     DATABASE_URL=postgresql://localhost/demo ruby bindings/ruby/examples/walkthrough.rb

require_relative '../lib/accelerant'

schema = File.expand_path('../../demo/schema.prisma', __dir__)

Accelerant.open(schema_path: schema, clock: 'manual') do |db|
  largest = lambda do
    db.package.with_accelerate_info.find_many(
      where: { section: 'libs' }, order_by: { installedKib: 'desc' }, take: 3, include: { maintainer: true },
      cache_strategy: { ttl: 60, swr: 60, tags: ['packages'] }
    )
  end

  answer = largest.call
  answer.data.each { |package| puts "#{package[:name]}: #{package[:installedKib]} KiB, by #{package[:maintainer][:name]}" }
  puts "first: #{answer.info[:cache_status]}"
  puts "again: #{largest.call.info[:cache_status]}"
  db.accelerate.invalidate('packages')
  puts "invalidated: #{largest.call.info[:cache_status]}"
  db.request({ 'operation' => '$clock.advance', 'args' => { 'milliseconds' => 90_000 } })
  puts "90 seconds later: #{largest.call.info[:cache_status]}"

  db.transaction do |tx|
    tx.maintainer.create(data: { id: 1_000_000, name: 'Nora', email: 'nora@example.org' })
    raise Accelerant::Error, 'taken back'
  end
rescue Accelerant::Error => e
  puts "transaction: #{e.message}"
end
