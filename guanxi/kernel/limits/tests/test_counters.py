"""Counting, by one and by many at once."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from guanxi.kernel.limits.counters import Limit, take


class TestCounting:
    def test_each_time_counts_for_each_limit_and_says_where_it_stands(self, rolled_back):
        two, three = Limit("two", 2), Limit("three", 3, 10)
        states = [[(one.used, one.is_over, one.state) for one in take([(two, "a"), (three, "a")])] for _turn in range(3)]
        by_name = [{state.split(";")[0]: (used, over, state.split(";")[1]) for used, over, state in turn} for turn in states]
        assert by_name == [
            {'"two"': (1, False, "r=1"), '"three"': (1, False, "r=2")},
            {'"two"': (2, False, "r=0"), '"three"': (2, False, "r=1")},
            {'"two"': (3, True, "r=0"), '"three"': (3, False, "r=0")},
        ]
        assert take([(two, "b")])[0].used == 1
        assert two.policy == '"two";q=2;w=60'

    def test_a_window_that_is_over_begins_anew(self, rolled_back):
        limit = Limit("short", 1)
        assert [take([(limit, "a")])[0].is_over for _turn in range(2)] == [False, True]
        with connections["default"].cursor() as cursor:
            cursor.execute("UPDATE guanxi.cache SET expires = clock_timestamp() WHERE cache_key = 'limit:short:a'")
        assert take([(limit, "a")])[0].used == 1

    def test_no_quota_counts_nothing(self, rolled_back):
        assert take([(Limit("none", 0), "a")]) == []

    def test_from_many_connections_at_once_nothing_is_counted_twice_or_lost(self, database):
        limit, other = Limit("many", 100), Limit("other", 1000)

        def ask(number: int) -> list[int]:
            try:
                pair = [(limit, "m"), (other, "m")]
                return [one.used for _turn in range(25) for one in take(pair if number % 2 else pair[::-1]) if one.limit is limit]
            finally:
                connections["default"].close()

        try:
            with ThreadPoolExecutor(8) as pool:
                seen = [used for part in pool.map(ask, range(8)) for used in part]
            assert sorted(seen) == list(range(1, 201))
        finally:
            with connections["default"].cursor() as cursor:
                cursor.execute("DELETE FROM guanxi.cache WHERE cache_key IN ('limit:many:m', 'limit:other:m')")
