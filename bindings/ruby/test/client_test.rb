# frozen_string_literal: true

require_relative 'helper'

class ClientTest < DatabaseTest
  def test_records_are_written_and_read
    user = @db.user.create(data: { email: 'a@example.org', posts: { create: [{ title: 'one' }, { title: 'two' }] } },
                           include: { posts: true })
    assert_equal %w[one two], user[:posts].map { |post| post[:title] }
    assert_equal 'USER', user[:role]
    assert_kind_of Time, user[:createdAt]
    assert_equal 2, @db.post.count
    found = @db.post.find_many(where: { author: { email: { endsWith: 'example.org' } } }, order_by: { title: 'desc' }, take: 1)
    assert_equal 'two', found[0][:title]
    assert_nil @db.user.find_unique(where: { email: 'b@example.org' })
  end

  def test_counts_keep_their_numbers_whatever_a_field_is_called
    @db.value.create(data: { id: 1, count: Time.now })
    assert_equal({ count: 1 }, @db.value.count(select: { count: true }))
    assert_equal({ count: 1 }, @db.value.update_many(data: { float: 1 }, where: { id: 1 }))
  end

  def test_a_model_has_its_name_and_another_one_is_no_method
    assert_respond_to @db, :user
    assert_same @db.user, @db[:User]
    refute_respond_to @db, :invoice
    assert_raises(NoMethodError) { @db.invoice }
    assert_raises(KeyError) { @db[:Invoice] }
  end

  def test_the_cache_answers_and_forgets
    read = -> { @db.user.with_accelerate_info.find_many(cache_strategy: { ttl: 60, tags: ['users'] }) }
    assert_equal 'miss', read.call.info[:cache_status]
    answer = read.call
    assert_equal ['ttl', []], [answer.info[:cache_status], answer.data]
    assert_match(/\A\d{4}-/, answer.info[:last_modified])
    @db.accelerate.invalidate('users')
    assert_equal 'miss', read.call.info[:cache_status]
    @db.accelerate.invalidate_all
    assert_equal 'miss', read.call.info[:cache_status]
  end

  def test_raw_sql_takes_parameters_and_gives_rows
    assert_equal 1, @db.execute_raw('INSERT INTO "User" (email) VALUES ($1)', "it's")
    assert_equal [{ email: "it's", n: 2 }], @db.query_raw('SELECT email, $1::int AS n FROM "User"', 2)
  end

  def test_errors_say_what_is_wrong
    @db.user.create(data: { email: 'a@example.org' })
    error = assert_raises(Accelerant::UniqueError) { @db.user.create(data: { email: 'a@example.org' }) }
    assert_equal ['P2002', 'CONSTRAINT', ['email']], [error.code, error.status, error.meta['target']]
    error = assert_raises(Accelerant::InvalidRequestError) { @db.user.find_many(where: { emial: 'a' }) }
    assert_match(/email/, error.message)
    assert_raises(Accelerant::NotFoundError) { @db.user.find_unique_or_throw(where: { id: 99 }) }
    assert_raises(Accelerant::QueryTimeoutError) { @db.query_raw('SELECT 1 FROM pg_sleep(10)', timeout_ms: 50) }
    assert_raises(Accelerant::ConfigurationError) { Accelerant.open(schema: 'model {') }
    assert_raises(TypeError) { @db.user.create(data: { email: Object.new }) }
  end

  def test_many_threads_share_a_client
    @db.user.create(data: { email: 'a@example.org' })
    answers = Array.new(16) { |n| Thread.new { @db.query_raw('SELECT $1::int AS n', n)[0][:n] } }.map(&:value)
    assert_equal (0...16).to_a, answers
  end

  def test_a_closed_client_refuses
    other = Accelerant.open(**options)
    waiting = Thread.new { other.query_raw('SELECT 1 FROM pg_sleep(30)') }
    waiting.report_on_exception = false
    Thread.pass until waiting.stop?
    other.close
    other.close
    assert_raises(Accelerant::ClosedError) { waiting.value }
    assert_raises(Accelerant::ClosedError) { other.user.count }
    assert_predicate other, :closed?
  end

  def test_open_with_a_block_closes
    kept = nil
    assert_equal 0, (Accelerant.open(**options) { |db| (kept = db).user.count })
    assert_predicate kept, :closed?
  end
end
