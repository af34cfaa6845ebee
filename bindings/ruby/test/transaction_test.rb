# frozen_string_literal: true

require_relative 'helper'

class TransactionTest < DatabaseTest
  def test_a_transaction_is_kept_when_its_block_returns
    id = @db.transaction do |tx|
      tx.user.create(data: { email: 'a@example.org' })
      assert_equal 0, @db.user.count
      tx.user.find_first[:id]
    end
    assert_equal id, @db.user.find_first[:id]
  end

  def test_a_transaction_is_taken_back_when_its_block_raises
    assert_raises(ZeroDivisionError) do
      @db.transaction(isolation_level: 'Serializable') do |tx|
        tx.user.create(data: { email: 'a@example.org' })
        1 / 0
      end
    end
    assert_equal 0, @db.user.count
  end

  def test_a_savepoint_is_taken_back_alone
    @db.transaction do |tx|
      tx.user.create(data: { email: 'a@example.org' })
      assert_raises(Accelerant::UniqueError) { tx.savepoint { tx.user.create(data: { email: 'a@example.org' }) } }
      assert_equal 3, tx.savepoint { |inner| inner.query_raw('SELECT 3 AS n')[0][:n] }
    end
    assert_equal 1, @db.user.count
  end

  def test_a_transaction_that_took_too_long_says_so
    error = assert_raises(Accelerant::ConflictError, Accelerant::QueryTimeoutError) do
      @db.transaction(timeout: 50) { |tx| tx.query_raw('SELECT 1 FROM pg_sleep(5)') }
    end
    assert_equal 'P2028', error.code
  end
end
