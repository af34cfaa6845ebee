import CLinux

/// The requests and the order in which they come.
final class Load: @unchecked Sendable {
    // Sendable because nothing changes after it is made.
    static let orderLength = 1 << 18
    let options: Options
    let answerSize = 1024
    private var texts: [UnsafeRawBufferPointer] = []
    private var keys: [UnsafeRawBufferPointer] = []
    private var orders: [[UInt32]] = []

    init(_ options: Options) {
        self.options = options
        for index in 0..<options.entries {
            let digits = String(1_000_0000 + index).dropFirst()
            let what = "\"where\":{\"email\":{\"contains\":\"user\(digits)@example.com\"},\"status\":{\"in\":[\"ACTIVE\",\"PENDING\"]}}"
            texts.append(
                Self.copy(
                    "{\"model\":\"User\",\"operation\":\"findMany\",\"args\":{\(what),\"orderBy\":{\"id\":\"desc\"},\"take\":20,"
                        + "\"cacheStrategy\":{\"ttl\":60,\"swr\":60,\"tags\":[\"emails_with_alice\"]}}}"))
            keys.append(Self.copy("User.findMany \(what) id desc 20"))
        }
        orders = (0..<options.threads).map { order(seed: UInt64(42 + 977 * $0)) }
    }

    func text(_ index: Int) -> UnsafeRawBufferPointer { texts[index] }
    func key(_ index: Int) -> UnsafeRawBufferPointer { keys[index] }

    private static func copy(_ text: String) -> UnsafeRawBufferPointer {
        let bytes = Array(text.utf8)
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
        copy.copyBytes(from: bytes)
        return UnsafeRawBufferPointer(copy)
    }

    /// Numbers of requests: zipf ranks scattered over all, or uniform.
    private func order(seed: UInt64) -> [UInt32] {
        var state = seed
        func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state &* 0x2545_F491_4F6C_DD1D
        }
        let count = UInt64(options.entries)
        if options.isUniform { return (0..<Self.orderLength).map { _ in UInt32(next() >> 16 % count) } }
        var sums: [Double] = []
        var sum = 0.0
        for rank in 1...options.entries {
            sum += 1 / Self.power(Double(rank))
            sums.append(sum)
        }
        return (0..<Self.orderLength).map { _ in
            let wanted = Double(next() >> 11) / 9_007_199_254_740_992 * sum
            var low = 0
            var high = sums.count - 1
            while low < high {
                let middle = (low + high) / 2
                if sums[middle] < wanted { low = middle + 1 } else { high = middle }
            }
            return UInt32(UInt64(low) &* 2_654_435_761 % count)
        }
    }

    /// rank to the power 0.99, near enough: r / r^0.01.
    private static func power(_ rank: Double) -> Double {
        var logarithm = 0.0
        var rest = rank
        while rest >= 2 {
            rest /= 2
            logarithm += 1
        }
        logarithm += rest - 1
        return rank / (1 + 0.01 * 0.6931 * logarithm)
    }

    // MARK: Measuring

    /// CPU and wall nanoseconds of one operation: on all threads together for the wall, so that it falls as they scale.
    func measure(_ contestant: any Contestant) -> (cpu: Double, wall: Double) {
        let whole = run { contestant.run(self, self.orders[$0], self.options.operations) }
        let loop = run { self.runEmpty(self.orders[$0]) }
        return (whole.cpu - loop.cpu, whole.wall - loop.wall)
    }

    private func runEmpty(_ order: [UInt32]) {
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: 512, alignment: 64)
        for index in 0..<options.operations {
            let text = text(Int(order[index & (Self.orderLength - 1)]))
            memcpy(buffer, text.baseAddress!, text.count)
            linux_prefetch(buffer)
        }
        buffer.deallocate()
    }

    private func run(_ body: @escaping @Sendable (Int) -> Void) -> (cpu: Double, wall: Double) {
        let begin = Self.time(CLOCK_MONOTONIC)
        let runners = (0..<options.threads).map { Runner(number: $0, body) }
        let cpu = runners.map { $0.join() }.reduce(0, +)
        let wall = Self.time(CLOCK_MONOTONIC) - begin
        let operations = Double(options.operations * options.threads)
        return (Double(cpu) / operations, Double(wall) / operations)
    }

    static func time(_ clock: clockid_t) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

/// A thread that tells how much CPU time it took.
final class Runner: @unchecked Sendable {
    // Sendable because `cpu` is written by the thread and read after it was joined.
    private var thread = pthread_t()
    private let body: @Sendable (Int) -> Void
    private let number: Int
    private var cpu = 0

    init(number: Int, _ body: @escaping @Sendable (Int) -> Void) {
        self.number = number
        self.body = body
        pthread_create(
            &thread, nil,
            { argument in
                let runner = Unmanaged<Runner>.fromOpaque(argument!).takeRetainedValue()
                let begin = Load.time(CLOCK_THREAD_CPUTIME_ID)
                runner.body(runner.number)
                runner.cpu = Load.time(CLOCK_THREAD_CPUTIME_ID) - begin
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
    }

    func join() -> Int {
        pthread_join(thread, nil)
        return cpu
    }
}
