"""`redis-sentinel://`: the Sentinels say which server is the primary, and after a failover it is another one."""
import pytest
from capi import Client, OpenError
from redis_sentinel import NAME, Group, ScriptedSentinel
from redis_server import Redis
from scene import SCHEMA
from waiting import eventually

USERS = {"ttl": 60, "tags": ["users"]}


def scripted(*sentinels):
    return f"redis-sentinel://{','.join(sentinel.place for sentinel in sentinels)}/0?master={NAME}"


@pytest.fixture
def sentinel():
    """Makes Sentinels that say what the test wants."""
    made = []

    def make(port, failover=1):
        made.append(ScriptedSentinel(port, failover))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_the_primary_that_dies_is_followed_and_what_it_had_counts_as_lost(make_fleet):
    fleet = make_fleet(requirepass="inner", masterauth="inner")
    with Group(fleet.redis, password="outer", server_password="inner") as group:
        url = group.url(":inner@", "&sentinelPassword=outer")
        reader, writer = (fleet.open(url=url) for _ in range(2))
        reader.find(USERS)
        reader.await_stored()
        assert writer.find(USERS).cache == "ttl"
        fleet.redis.kill()
        # Nobody hears of it: the tier is down.
        fleet.database.sql.execute("UPDATE \"User\" SET name = 'Changed' WHERE id = 1")
        assert writer.invalidate("users").code == "P6008"
        group.await_failover()
        for member in (reader, writer):
            member.await_trusted()
            eventually(lambda member=member: member.metric("accelerant_tier_listening") == 1, "it to listen to the new primary")
        # The replica has the old answer and its versions; no one takes it. What was pending has been sent.
        eventually(lambda: writer.metric("accelerant_tier_pending_invalidations") == 0, "the invalidation to be confirmed")
        assert "Changed" in fleet.open(url=url).find(USERS).text.decode()
        assert "Changed" in reader.find(USERS).text.decode()
        fleet.database.sql.execute("UPDATE \"User\" SET name = 'Again' WHERE id = 1")
        assert writer.invalidate("users").status == "OK"
        eventually(lambda: "Again" in reader.find(USERS).text.decode(), "the message to arrive")


def test_passwords_of_servers_and_of_sentinels_are_told_apart(make_fleet, sentinel):
    fleet = make_fleet(requirepass="inner")
    one = sentinel(fleet.redis.port)
    url = f"redis-sentinel://:inner@{one.place}/0?master={NAME}&sentinelUser=who&sentinelPassword=outer"
    fleet.open(url=url)
    assert one.commands[0] == ["AUTH", "who", "outer"]
    assert all("inner" not in command for command in one.commands)
    member = fleet.open(url=url.replace("inner", "wrong"), wait=False)
    assert "refuses the user or the password" in member.client.query({"operation": "$connect"}).error["message"]


def test_sentinels_that_are_down_or_do_not_know_the_primary_are_left_out(make_fleet, sentinel):
    fleet = make_fleet()
    dead = sentinel(fleet.redis.port)
    dead.close()
    fleet.open(url=scripted(dead, sentinel(None), sentinel(fleet.redis.port)))
    member = fleet.open(url=scripted(sentinel(None)), wait=False)
    reply = member.client.query({"operation": "$connect"})
    assert reply.code == "P6001" and "`master`" in reply.error["message"]
    assert member.find(USERS).cache == "miss"


def test_a_former_primary_that_goes_on_is_left(make_fleet, sentinel):
    """As on the two sides of a cut network: no connection ends."""
    fleet = make_fleet()
    with Redis() as other:
        one = sentinel(fleet.redis.port)
        member, late = fleet.open(url=scripted(one)), fleet.open(url=scripted(one))
        member.find(USERS)
        member.await_stored()
        fleet.database.sql.execute("UPDATE \"User\" SET name = 'Changed' WHERE id = 1")
        one.name(other.port, 2)
        eventually(lambda: other.keys("{accelerant}:1:era"), "it to come to the other one")
        for one_of_them in (member, late):
            one_of_them.await_trusted()
            eventually(lambda them=one_of_them: them.metric("accelerant_tier_listening") == 1, "it to listen there")
            eventually(lambda them=one_of_them: "Changed" in them.find(USERS).text.decode(), "the old answer to go")
        assert member.invalidate("users").status == "OK"
        assert "cmdstat_publish" in other.call("INFO", "commandstats").decode()


def test_a_sentinel_that_is_behind_is_not_believed(make_fleet, sentinel):
    fleet = make_fleet()
    with Redis() as former:
        one, behind = sentinel(fleet.redis.port, 7), sentinel(fleet.redis.port, 7)
        member = fleet.open(url=scripted(one, behind))
        behind.name(former.port, 6)
        fleet.redis.call("CLIENT", "KILL", "TYPE", "normal")
        fleet.redis.call("CLIENT", "KILL", "TYPE", "pubsub")
        asked = len(behind.commands)
        eventually(lambda: len(behind.commands) > asked or member.metric("accelerant_tier_faults_total") >= 2, "it to connect again")
        member.await_trusted()
        eventually(lambda: member.metric("accelerant_tier_listening") == 1, "it to listen again")
        assert former.keys() == []


def set_up_anew(fleet, *sentinels):
    for each in sentinels:
        each.name(fleet.redis.port, 0)


def is_trusted_again(fleet, member):
    """The server is gone for a while; the member connects to it again."""
    fleet.redis.kill()
    assert member.find(USERS).cache == "miss"
    member.await_trusted(0)
    fleet.redis.start()
    member.await_trusted()


def test_sentinels_that_were_set_up_anew_are_believed_when_all_of_them_say_so(make_fleet, sentinel):
    fleet = make_fleet()
    one, two = sentinel(fleet.redis.port, 7), sentinel(fleet.redis.port, 7)
    member = fleet.open(url=scripted(one, two))
    set_up_anew(fleet, one, two)
    is_trusted_again(fleet, member)


def test_sentinels_that_were_set_up_anew_are_believed_in_the_end_though_one_is_down(make_fleet, sentinel):
    fleet = make_fleet()
    one, two = sentinel(fleet.redis.port, 7), sentinel(fleet.redis.port, 7)
    member = fleet.open(url=scripted(one, two))
    set_up_anew(fleet, one, two)
    two.close()
    is_trusted_again(fleet, member)


def with_an_old_answer(fleet, sentinel):
    """A process whose answer is in the tier, and has changed in the database since."""
    member = fleet.open(url=scripted(sentinel))
    member.find(USERS)
    member.await_stored()
    fleet.change()
    return member


def test_a_former_primary_is_left_also_if_the_connection_that_listens_was_told_first(make_fleet, sentinel):
    fleet = make_fleet()
    with Redis() as other:
        one = sentinel(fleet.redis.port)
        member = with_an_old_answer(fleet, one)
        one.name(other.port, 2)
        fleet.redis.call("CLIENT", "KILL", "TYPE", "pubsub")
        eventually(lambda: other.keys("{accelerant}:1:era"), "the sessions to come to the other one")
        member.await_trusted()
        eventually(lambda: "Changed" in member.find(USERS).text.decode(), "the old answer to go")


def test_the_sentinel_that_leads_a_failover_names_the_new_primary(make_fleet, sentinel):
    """It tells the new number with the former address until all replicas follow. The former primary goes on meanwhile."""
    fleet = make_fleet()
    with Redis() as other:
        one = sentinel(fleet.redis.port)
        member = with_an_old_answer(fleet, one)
        one.name(fleet.redis.port, 2, promoted=other.port)
        eventually(lambda: other.keys("{accelerant}:1:era"), "it to come to the new primary")
        fleet.redis.call("CONFIG", "RESETSTAT")
        late = fleet.open(url=scripted(one))
        for each in (member, late):
            each.await_trusted()
            eventually(lambda each=each: each.metric("accelerant_tier_listening") == 1, "it to listen there")
            eventually(lambda each=each: "Changed" in each.find(USERS).text.decode(), "the old answer to go")
        one.name(other.port, 2)
        assert member.invalidate("users").status == "OK"
        assert "cmdstat_publish" in other.call("INFO", "commandstats").decode()
        assert "cmdstat_evalsha" not in fleet.redis.call("INFO", "commandstats").decode()


def test_a_sentinel_is_asked_again_where_a_failover_came_between_its_answers(make_fleet, sentinel):
    fleet = make_fleet()
    with Redis() as former:
        one = sentinel(former.port)
        one.name_after_one_answer(fleet.redis.port, 2)
        # Why without the connection that listens: it would ask in between.
        fleet.open({"listen": False}, url=scripted(one))
        question = ["MASTER", "GET-MASTER-ADDR-BY-NAME", "MASTER"]
        assert [command[1] for command in one.commands[:6]] == question * 2
        assert former.keys() == []


def test_a_replica_that_a_sentinel_takes_for_the_primary_is_refused(make_fleet, sentinel):
    fleet = make_fleet()
    with Redis(replicaof=f"127.0.0.1 {fleet.redis.port}") as replica:
        member = fleet.open(url=scripted(sentinel(replica.port)), wait=False)
        assert member.find(USERS).cache == "miss"
        assert member.metric("accelerant_tier_trusted") == 0
        assert fleet.open(url=scripted(sentinel(replica.port), sentinel(fleet.redis.port))).find(USERS).cache == "miss"


@pytest.mark.parametrize("url, words", [
    ("redis-sentinel://h", "?master="), ("redis-sentinel://h/0?master=", "`master`"), ("redis://h?master=m", "redis-sentinel://"),
    ("redis://h?sentinelPassword=hush", "redis-sentinel://"), ("redis-sentinel://h?master=m&sentinelUser=u", "sentinelPassword"),
    ("redis-sentinel://h?master=m&sslrootcert=/x", "rediss://"), ("redis-sentinel://h?master=m&more=1", "`sentinelUser`"),
])
def test_a_mistake_in_the_url_is_named(database, url, words):
    with pytest.raises(OpenError) as caught:
        Client({"schema": SCHEMA, "datasourceUrl": database.url(), "cache": {"tier": {"url": url}}})
    message = caught.value.reply.error["message"]
    assert caught.value.reply.meta["path"] == "cache.tier.url" and words in message
    assert "hush" not in message
