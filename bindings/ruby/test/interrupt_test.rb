# frozen_string_literal: true

require_relative 'helper'

class InterruptTest < DatabaseTest
  # How many statements of this test the server runs.
  def running
    @db.query_raw("SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE 'SELECT ''sleeper''%' AND state = 'active'")[0][:n]
  end

  def wait_until
    Timeout.timeout(10) { sleep 0.01 until yield }
  end

  def test_a_thread_that_is_interrupted_ends_its_statement_on_the_server
    thread = Thread.new { @db.query_raw("SELECT 'sleeper' FROM pg_sleep(60)", timeout_ms: 60_000) }
    thread.report_on_exception = false
    wait_until { running == 1 }
    thread.raise(Interrupt)
    assert_raises(Interrupt) { thread.value }
    wait_until { running.zero? }
    assert_equal 0, @db.user.count
  end

  def test_timeout_ends_a_wait
    assert_raises(Timeout::Error) { Timeout.timeout(0.2) { @db.query_raw("SELECT 'sleeper' FROM pg_sleep(60)", timeout_ms: 60_000) } }
    wait_until { running.zero? }
  end

  def test_a_child_of_fork_is_refused_and_opens_its_own
    @db.user.create(data: { email: 'a@example.org' })
    reader, writer = IO.pipe
    child = fork do
      refused = begin
        @db.user.count
      rescue Accelerant::ForkedError => e
        e.class.name
      end
      @db.close
      writer.write("#{refused} #{Accelerant.open(**options) { |db| db.user.count }}")
      writer.close
      exit!(0)
    end
    writer.close
    assert_equal 'Accelerant::ForkedError 1', reader.read
    Process.wait(child)
    assert_equal 1, @db.user.count
  end
end
