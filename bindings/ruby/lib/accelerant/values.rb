# frozen_string_literal: true

require 'base64'
require 'bigdecimal'
require 'date'
require 'json'
require 'time'

module Accelerant
  # JSON data: `Json.new({ 'a' => 1 })` is written as it is, whatever it looks like.
  Json = Struct.new(:value)

  # Turns Ruby's values into those of requests, and those of answers into Ruby's.
  module Values
    MAX_DEPTH = 128
    # Beyond all that PostgreSQL's numeric can hold, on both sides of the point.
    FAR = 200_000

    module_function

    # Returns the JSON text of a request.
    def dump(request)
      JSON.generate(encode(request), max_nesting: MAX_DEPTH)
    end

    # Returns a value as requests write it. Strings in BINARY encoding are Bytes.
    def encode(value)
      case value
      when Hash then value.to_h { |key, member| [key.to_s, encode(member)] }
      when Array then value.map { |element| encode(element) }
      when String then encode_string(value)
      when Symbol then value.to_s
      when Integer, Float, true, false, nil then value
      when BigDecimal then tagged('Decimal', decimal(value))
      when Time then tagged('DateTime', value.getutc.iso8601(6))
      when DateTime then encode(value.to_time)
      when Date then tagged('DateTime', "#{value.iso8601}T00:00:00.000Z")
      when Json then tagged('Json', JSON.generate(value.value, max_nesting: MAX_DEPTH))
      else raise TypeError, "a #{value.class} has no form in a request"
      end
    end

    def encode_string(value)
      return tagged('Bytes', Base64.strict_encode64(value)) if value.encoding == Encoding::BINARY

      value.encode(Encoding::UTF_8)
    end

    # Why not always in full: 1e500000000 has half a gigabyte of digits. The library refuses its short form.
    def decimal(value)
      value.to_s(value.exponent.abs > FAR ? 'E' : 'F')
    end

    def tagged(type, value)
      { '$type' => type, 'value' => value }
    end
  end

  # Turns the answers of one model into Ruby's values, as the schema says.
  class Decoder
    # How a scalar comes, and what becomes of it. Types that are not here stay as JSON has them.
    SCALARS = {
      'BigInt' => ->(value) { Integer(value) },
      'Decimal' => ->(value) { BigDecimal(value) },
      'DateTime' => ->(value) { MOMENT.match?(value) ? Time.iso8601(value) : value },
      'Bytes' => ->(value) { Base64.strict_decode64(value) },
      'Float' => ->(value) { value.is_a?(String) ? FLOATS.fetch(value) : value.to_f }
    }.freeze
    FLOATS = { 'NaN' => Float::NAN, 'Infinity' => Float::INFINITY, '-Infinity' => -Float::INFINITY }.freeze
    # What Time reads; years beyond 9999 stay texts.
    MOMENT = /\A\d{4}-/
    # Members of aggregates that hold values of the fields' own types.
    OF_FIELDS = %w[_min _max _sum].freeze
    # Operations that answer numbers of records, under names that may be those of fields.
    COUNTING = %w[count createMany updateMany deleteMany].freeze

    # `models` is that of `$schema`.
    def initialize(models)
      @fields = models.transform_values { |model| model['fields'] }
    end

    # Returns the answer of an operation of a model.
    def answer(envelope, value)
      return symbols(value) if COUNTING.include?(envelope['operation'])

      decode(envelope['model'], value)
    end

    # Returns a record, a list of records, or another answer, with symbols as keys. Data of Json fields keeps its strings.
    def decode(model, value)
      case value
      when Array then value.map { |element| decode(model, element) }
      when Hash then value.to_h { |key, member| [key.to_sym, decode_member(model, key, member)] }
      else value
      end
    end

    private

    def decode_member(model, key, value)
      field = @fields.fetch(model)[key]
      return decode_field(field, value) if field
      return decode(model, value) if OF_FIELDS.include?(key)
      return symbols(value) unless key == '_avg' && value

      value.to_h { |name, average| [name.to_sym, average.is_a?(String) ? BigDecimal(average) : average] }
    end

    def symbols(value)
      value.is_a?(Hash) ? value.transform_keys(&:to_sym) : value
    end

    def decode_field(field, value)
      return nil if value.nil?
      return decode(field['type'], value) if field['kind'] == 'object'

      scalar = SCALARS[field['type']]
      return value unless scalar

      field['list'] ? value.map { |element| scalar.call(element) } : scalar.call(value)
    end
  end
end
