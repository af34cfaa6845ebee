import Postgres
import Text

@testable import Engine

/// A configuration document; and the same bytes as a connection URL, alone and behind the usual beginning.
func fuzzConfiguration(_ input: UnsafeRawBufferPointer) {
    do {
        let configuration = try Configuration(try JSONDocument(scanning: input))
        if let url = configuration.datasourceURL { connect(url) }
    } catch {
        require(!error.message.isEmpty, "a failure says what is wrong")
    }
    let text = String(decoding: input, as: UTF8.self)
    connect(text)
    connect("postgresql://user:canary@" + text)
}

private func connect(_ url: String) {
    do {
        let settings = try ConnectionSettings(url: url)
        require((1...10_000).contains(settings.connectionLimit), "the limit of connections is one")
    } catch {
        require(!error.message.isEmpty, "a failure says what is wrong")
        require(!error.message.contains("canary"), "no failure shows a password")
    }
}
