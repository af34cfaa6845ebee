import Concurrency
import Postgres
import Query
import SQL
import Schema
import Text
import Writes

/// A compiled request with everything that equivalent requests share. Immutable.
final class PreparedPlan: Sendable {
    /// Different for different plans. It is the first part of every key.
    let number: UInt64
    let plan: Plan
    let batch: StatementBatch
    let writer: RowWriter
    let modelName: String
    let dependencies: ReadDependencies
    /// The state of the signature's hash after the request's canonical text. The values follow.
    let signature: SHA256

    init(number: UInt64, plan: Plan, modelName: String, canonical: UnsafeRawBufferPointer) {
        self.number = number
        self.plan = plan
        batch = StatementBatch(
            plan.statements.map { statement in
                let check = statement.check.map { Statement.Check(text: $0.text(before: statement.text), count: $0.count) }
                return Statement(text: statement.text, slots: statement.slots, check: check)
            })
        writer = RowWriter(plan.shape)
        self.modelName = modelName
        dependencies = ReadDependencies(plan)
        var signature = SHA256()
        signature.update(canonical)
        self.signature = signature
    }
}

/// Finds the plan of a request: by its shape if a text of that shape was seen before, else by decoding and compiling it.
///
/// Texts with the same meaning share one plan, however they are written. So they share keys and signatures.
final class PlanCache: Sendable {
    private struct Known {
        var plans: [[UInt8]: PreparedPlan] = [:]
        var lastNumber: UInt64 = 0
    }

    /// Has a `PreparedPlan` or `PreparedWrite` for each shape.
    private let shapes = ShapeIndex()
    private let known = Lock(Known())
    private let schema: Schema
    let settings: SQLSettings
    /// The statements of writes.
    let texts: StatementTexts

    /// - Parameter origin: identifies the client in its writes, for triggers that report them.
    init(schema: Schema, settings: SQLSettings, origin: ChangeNotice.Origin? = nil) {
        self.schema = schema
        self.settings = settings
        texts = StatementTexts(mark: origin.map { ChangeTriggers.mark($0.text) } ?? "")
    }

    /// Returns the plan and the values of a read.
    func bind(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> BoundPlan {
        let walk = ShapeFingerprint(document, envelope)
        if let (shape, prepared) = shapes.find(document, walk), let plan = prepared as? PreparedPlan {
            return BoundPlan(plan, try shape.bind(document, walk))
        }
        let shape = try RequestShape(decoding: document, envelope, walk, schema)
        guard let request = shape.request else { throw .noModelOperation }
        let values = try shape.bind(document, walk)
        let plan = plan(for: request)
        shapes.insert(shape, plan)
        return BoundPlan(plan, values)
    }

    /// Returns the decoded form and the values of a write.
    func bindWrite(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> BoundWrite {
        let walk = ShapeFingerprint(document, envelope)
        if let (shape, prepared) = shapes.find(document, walk), let write = prepared as? PreparedWrite {
            return BoundWrite(write, try shape.bind(document, walk))
        }
        let shape = try RequestShape(decoding: document, envelope, walk, schema)
        guard case .write(let write) = shape.content else { throw .noModelOperation }
        let values = try shape.bind(document, walk)
        let prepared = PreparedWrite(write)
        shapes.insert(shape, prepared)
        return BoundWrite(prepared, values)
    }

    private func plan(for request: Request) -> PreparedPlan {
        var canonical = ByteBuffer()
        request.writeCanonical(schema, into: &canonical)
        let text = Array(canonical.bytes)
        if let plan = known.withLock({ $0.plans[text] }) { return plan }
        let compiled = Compiler.compile(request, schema: schema, settings: settings)
        return known.withLock { known in
            // Another thread may have been faster; one plan has to win.
            if let plan = known.plans[text] { return plan }
            // Why all at once: it happens after ten thousand different requests, and costs each of them one more compilation.
            if known.plans.count >= Limits.plans { known.plans.removeAll() }
            known.lastNumber += 1
            let plan = text.withUnsafeBytes {
                PreparedPlan(
                    number: known.lastNumber, plan: compiled, modelName: schema.models[request.model].name, canonical: $0)
            }
            known.plans[text] = plan
            return plan
        }
    }
}
