import Concurrency
import Text

/// The interactive transactions of a client by id: the open ones, and how recent ones ended. Any thread may use it.
final class TransactionTable: Sendable {
    /// What is remembered of an ended transaction.
    struct Past: Sendable {
        let end: TransactionStateMachine.End
        let begin: UInt64
        let timeoutMilliseconds: Int
    }

    struct State {
        var open: [[UInt8]: InteractiveTransaction] = [:]
        var past: [[UInt8]: Past] = [:]
        /// The ids of `past`. It becomes a ring once it is full; `oldest` is the place of the next one.
        var order: [[UInt8]] = []
        var oldest = 0
        var isClosed = false
    }

    enum Entry {
        case open(InteractiveTransaction)
        case past(Past)
    }

    private let state = Lock(State())

    /// Returns false if the client is closed.
    func add(_ transaction: InteractiveTransaction) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.open[transaction.id] = transaction
            return true
        }
    }

    func find(_ id: [UInt8]) -> Entry? {
        state.withLock { state in
            if let transaction = state.open[id] { return .open(transaction) }
            return state.past[id].map { .past($0) }
        }
    }

    /// A transaction has ended.
    func retire(_ transaction: InteractiveTransaction, _ end: TransactionStateMachine.End) {
        state.withLock { state in
            guard state.open.removeValue(forKey: transaction.id) != nil else { return }
            state.past[transaction.id] = Past(end: end, begin: transaction.begin, timeoutMilliseconds: transaction.timeoutMilliseconds)
            guard state.order.count == Limits.pastTransactions else {
                state.order.append(transaction.id)
                return
            }
            state.past[state.order[state.oldest]] = nil
            state.order[state.oldest] = transaction.id
            state.oldest = (state.oldest + 1) % Limits.pastTransactions
        }
    }

    /// Returns expired transactions that no caller uses. The caller rolls them back.
    func expire(now: UInt64) -> [InteractiveTransaction] {
        let open = state.withLock { state in state.open.isEmpty ? [] : state.open.values.filter { $0.expiry <= now } }
        return open.filter { $0.expire(now: now) }
    }

    /// Accepts no more transactions. Returns those that no caller uses, whose connections the caller returns.
    func close() -> [InteractiveTransaction] {
        let open = state.withLock { state in
            state.isClosed = true
            return Array(state.open.values)
        }
        return open.filter { $0.close() }
    }
}
