# frozen_string_literal: true

require_relative 'helper'

class ValuesTest < DatabaseTest
  MOMENT = Time.utc(2026, 1, 2, 3, 4, Rational(5_678_901, 1_000_000))
  VALUES = {
    id: 1, big: 2**63 - 1, decimal: BigDecimal('12345678901234.5'), float: 0.1, moment: MOMENT, bytes: "\x00\xFF".b,
    data: { 'a' => [1, nil, { 'b' => 'é' }] }, bigs: [1, 2**40], count: nil
  }.freeze

  def test_values_come_back_as_they_were_given
    assert_equal VALUES, @db.value.create(data: VALUES)
    assert_equal VALUES, @db.value.find_unique(where: { id: 1 })
    assert_equal [VALUES], @db.value.find_many(where: { decimal: VALUES[:decimal], moment: MOMENT, big: { gte: VALUES[:big] }, bytes: VALUES[:bytes] })
  end

  def test_numbers_that_json_has_none_for
    @db.value.create(data: { id: 1, float: 'NaN' })
    @db.value.create(data: { id: 2, float: '-Infinity' })
    floats = @db.value.find_many(order_by: { id: 'asc' }).map { |record| record[:float] }
    assert_predicate floats[0], :nan?
    assert_equal(-Float::INFINITY, floats[1])
  end

  def test_a_decimal_beyond_all_columns_is_refused_in_short
    %w[1e500000000 -1e-500000000].each do |text|
      error = assert_raises(Accelerant::InvalidRequestError) { @db.value.create(data: { id: 1, decimal: BigDecimal(text) }) }
      assert_operator error.message.length, :<, 1000
      assert_operator Accelerant::Values.encode(BigDecimal(text))['value'].length, :<, 100
    end
  end

  def test_json_is_written_as_it_is
    plain = { '$type' => 'not a tag', 'n' => 2.0 }
    @db.value.create(data: { id: 1, data: Accelerant::Json.new(plain) })
    assert_equal plain, @db.value.find_first[:data]
  end

  def test_aggregates_have_the_types_of_their_fields
    @db.value.create_many(data: [{ id: 1, big: 1, decimal: 1 }, { id: 2, big: 2, decimal: 2 }])
    answer = @db.value.aggregate(_sum: { big: true, decimal: true }, _avg: { big: true, decimal: true }, _count: true)
    assert_equal({ _sum: { big: 3, decimal: BigDecimal(3) }, _avg: { big: 1.5, decimal: BigDecimal('1.5') }, _count: 2 }, answer)
  end

  def test_a_date_is_its_midnight
    @db.value.create(data: { id: 1, moment: Date.new(2026, 1, 2) })
    assert_equal Time.utc(2026, 1, 2), @db.value.find_first[:moment]
  end

  def test_names_go_both_ways
    assert_equal 'findManyOrThrow', Accelerant::Names.camel('find_many_or_throw')
    assert_equal 'order_item', Accelerant::Names.snake('OrderItem')
  end
end
