import Cache
import Postgres
import Query

// How long an answer lives, and what drops it: from the request's `cacheStrategy` to the cache's own.

extension Client {
    /// Returns the cache's strategy. Nil if nothing is cached: there is no strategy, or none that lets an answer live.
    func strategy(of envelope: Envelope, _ bound: borrowing BoundPlan, _ context: RequestContext) -> Cache.Strategy? {
        guard let asked = envelope.cacheStrategy, asked.letsAnswersLive else { return nil }
        if automaticInvalidation.isWanted(by: asked) {
            automaticInvalidation.turnOn(cache)
            refreshCatalog(context)
        }
        return self.strategy(asked, bound)
    }

    enum KnownStrategy {
        case uncached
        case cached(Cache.Strategy)
        /// The database, or the tier, has to be asked first.
        case unknown
    }

    /// Returns the strategy without waiting, for a read that is sent with others.
    func knownStrategy(of envelope: Envelope, _ bound: borrowing BoundPlan) -> KnownStrategy {
        guard let asked = envelope.cacheStrategy, asked.letsAnswersLive else { return .uncached }
        if core.tier != nil { return .unknown }
        if automaticInvalidation.isWanted(by: asked) { automaticInvalidation.turnOn(cache) }
        if automaticInvalidation.isOn, automaticInvalidation.mustAsk(notOlderThan: Limits.catalogNanoseconds) { return .unknown }
        return .cached(strategy(asked, bound))
    }

    /// Returns the strategy by what is known already.
    func strategy(_ asked: CacheStrategy, _ bound: borrowing BoundPlan) -> Cache.Strategy {
        pool.identities.want()
        var tags = asked.tags.map { tag in tag.withUnsafeBytes { Cache.Tag($0) } }
        if automaticInvalidation.isWanted(by: asked) { tags += automaticInvalidation.tags(of: bound) }
        return Cache.Strategy(
            ttl: asked.ttl.map { Int($0) }, swr: asked.swr.map { Int($0) }, staleIfError: asked.staleIfError.map { Int($0) }, tags: tags)
    }
}
