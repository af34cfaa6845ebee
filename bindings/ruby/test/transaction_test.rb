# frozen_string_literal: true

require_relative 'helper'

class TransactionTest < DatabaseTest
  def create(transaction)
    transaction.user.create(data: { email: 'left@example.org' })
  end

  def leave_by_return
    @db.transaction do |tx|
      create(tx)
      return 1
    end
  end

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

  def test_a_transaction_is_taken_back_at_once_when_its_block_is_left_otherwise
    assert_equal 1, leave_by_return
    assert_equal 2, (@db.transaction { |tx| create(tx) && (break 2) })
    assert_equal 3, (catch(:out) { @db.transaction { |tx| create(tx) && throw(:out, 3) } })
    sessions = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
    assert_equal 0, @db.query_raw(sessions)[0][:n]
    assert_equal 0, @db.user.count
  end

  def test_the_error_of_a_savepoint_is_the_blocks_own
    error = assert_raises(ZeroDivisionError) do
      @db.transaction(timeout: 2000) do |tx|
        tx.savepoint do
          sleep 2.5
          1 / 0
        end
      end
    end
    assert_equal 'divided by 0', error.message
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
