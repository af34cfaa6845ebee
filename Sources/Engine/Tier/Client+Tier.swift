import CLinux
import Cache
import Concurrency
import Postgres
import Text
import Tier

// The path between the own cache and the database: through the second tier, if there is one.

extension Client: AnswerSource {
    func answer(_ bound: borrowing BoundPlan, _ context: borrowing RequestContext, _ wish: AnswerWish) throws(Failure) -> SourcedAnswer {
        guard let tier = core.tier else { return .database(try queryAnswer(bound, context)) }
        let dependencies = wish.leader.tags
        // Why the second: an invalidation may not have been heard.
        if wish.strategy.ttl == 0 && wish.strategy.swr == 0 || cache.isSuspended(dependencies) { return .database(try queryDirectly(bound, context)) }
        try firstCheck?.pass(self, context)
        let tags = dependencies.map(\.number).sorted()
        // Why first: sessions of another role or search path have other answers there.
        let current = try pool.identify(until: context.deadline, cancellation: context.cancellation)
        let salt = withUnsafeBytes(of: current.identity.number.littleEndian) { Array($0) } + context.keySalt
        let read = SecondTier.Read(
            name: core.tierScope.name(of: bound, salt: salt, tags: tags), tags: tags,
            purpose: context.wantsRefreshes ? .read : .refresh, ttl: wish.strategy.ttl, swr: wish.strategy.swr)
        switch tier.read(read, until: context.deadline, cancellation: context.cancellation) {
        case .answer(let entry, let age, _):
            if let answer = answer(entry, bound) { return .tier(answer, age: age) }
            return .database(try queryDirectly(bound, context))
        case .direct: return .database(try queryDirectly(bound, context))
        case .lead(let lead): return .database(try queryForAll(bound, context, lead, tier, wish, current.generation))
        }
    }

    /// Returns the tier's answer for the own cache. Nil if it is larger than this client allows.
    private func answer(_ entry: TierEntry, _ bound: borrowing BoundPlan) -> Cache.Answer? {
        guard entry.payload.bytes.count <= limits.responseBytes, let (bytes, size) = entry.payload.take() else { return nil }
        guard let answer = Cache.Answer(bytes: bytes, size: size, lastModified: entry.lastModified, signature: bound.signature) else {
            free(bytes)
            return nil
        }
        return answer
    }

    /// Asks the database, then the catalog if its facts are unknown. Without the facts each write would drop all automatic answers.
    private func queryDirectly(_ bound: borrowing BoundPlan, _ context: borrowing RequestContext) throws(Failure) -> Cache.Answer {
        let answer = try queryAnswer(bound, context)
        refreshCatalog(context)
        return answer
    }

    /// Asks the database for all processes.
    private func queryForAll(
        _ bound: borrowing BoundPlan, _ context: borrowing RequestContext, _ lead: SecondTier.Lead, _ tier: SecondTier, _ wish: AnswerWish,
        _ generation: UInt64
    ) throws(Failure) -> Cache.Answer {
        do throws(Failure) {
            let answer = try queryAnswer(bound, context)
            guard answer.isKept, generation == pool.identities.generation else {
                tier.release(lead)
                refreshCatalog(context)
                return answer
            }
            tier.store(
                lead, UnsafeRawBufferPointer(start: answer.bytes, count: answer.size), lastModified: answer.lastModified,
                lifeMilliseconds: (Int(wish.strategy.ttl) + Int(wish.strategy.swr)) * 1000)
            // Why last, as in `queryDirectly`: other processes wait for the answer.
            refreshCatalog(context)
            return answer
        } catch {
            tier.release(lead)
            throw error
        }
    }

    /// Waits until the tier has accepted or refused the connection. Throws its refusal. A tier that is down is not an error.
    func awaitTier(_ context: RequestContext) throws(Failure) {
        guard let refusal = core.tier?.awaitFirstContact(until: context.deadline, cancellation: context.cancellation) else { return }
        throw Configuration.failure("`cache.tier` cannot be used: \(refusal).", path: "cache.tier.url")
    }
}

extension Failure {
    static let unconfirmed = Failure(
        .unavailable, code: "P6008",
        "The cache of this process is invalidated. The tier has not confirmed it, so other processes may show old answers until it has; it is sent again.",
        isRetryable: true)
}
