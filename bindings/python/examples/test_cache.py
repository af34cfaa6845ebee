"""A test that moves the clock: `pytest --accelerant-url postgresql://…`. The plugin comes with the package."""


def test_a_count_is_fresh_for_a_minute(accelerant_db, accelerant_advance):
    reads = accelerant_db.user.with_accelerate_info()
    assert reads.count(cache_strategy={"ttl": 60}).info.cache_status == "miss"
    assert reads.count(cache_strategy={"ttl": 60}).info.cache_status == "ttl"
    accelerant_advance(seconds=61)
    assert reads.count(cache_strategy={"ttl": 60}).info.cache_status == "miss"


def test_each_test_has_a_cache_of_its_own(accelerant_db):
    assert accelerant_db.user.with_accelerate_info().count(cache_strategy={"ttl": 60}).info.cache_status == "miss"
