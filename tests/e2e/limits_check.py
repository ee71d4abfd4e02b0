"""limits_check.py - what limits promise, checked by recorded times; pure.

Times are microseconds of CLOCK_BOOTTIME. Not all is known of a worker that
was killed: it wrote no line for what it did last. The client knows when it sent
each of those requests and when it heard of its end, and where the answer came,
that it was admitted. So such a request is an interval. It counts as one too
many only if it does so wherever in there it was admitted, and it excuses a
refusal only where it may have been admitted before.
"""
import bisect
import collections
import itertools

# Admitted somewhere from start to end: surely, or perhaps.
Lost = collections.namedtuple("Lost", "start end sure")

# An amount that one request had of a limit. Reserved surely from a to b and
# perhaps from first to last (a None: perhaps never); what was used counts for
# one period from there on: low is the least that it may be, high the most.
Hold = collections.namedtuple("Hold", "a b first last least most low high")


def too_many(good, lost, limit, period):
    """Windows of one period that begin with an admission and hold more."""
    sure = [x for x in lost if x.sure]
    n = sum(1 for i in range(limit, len(good))
            if good[i] - good[i - limit] < period)
    if not sure:
        return n
    n = 0
    for t in sorted(good + [x.start for x in sure]):
        inside = (bisect.bisect_left(good, t + period) -
                  bisect.bisect_left(good, t))
        inside += sum(x.start >= t and x.end < t + period for x in sure)
        n += inside > limit
    return n


def sliding(good, bad, lost, limit, period):
    """How many too many, how many early, and at the earliest in %: a refusal
    is early by as long as the limit-th before it had left the window."""
    starts = sorted(x.start for x in lost)
    ends = sorted(x.end for x in lost)
    all_ = sorted(good + ends)
    early, most = 0, 0.0
    for t in bad:
        n = bisect.bisect_right(all_, t)
        # those that may be admitted as late as now
        now = bisect.bisect_right(starts, t) - bisect.bisect_right(ends, t)
        if now >= limit:
            continue
        if n + now < limit:
            early, most = early + 1, 100.0
            continue
        left = t - (all_[n + now - limit] + period)
        if left >= 0:
            early, most = early + 1, max(most, 100.0 * left / period)
    return too_many(good, lost, limit, period), early, most


def calendar(good, bad, lost, limit, period, shift):
    """The same of hours and days; shift leads to the clock's time."""
    good, bad = [t + shift for t in good], [t + shift for t in bad]
    lost = [Lost(x.start + shift, x.end + shift, x.sure) for x in lost]
    count = collections.Counter(t // period for t in good)
    count.update(x.start // period for x in lost
                 if x.sure and x.start // period == x.end // period)
    over = sum(max(0, n - limit) for n in count.values())
    early = 0
    for t in bad:
        begin = t // period * period
        n = bisect.bisect_right(good, t) - bisect.bisect_left(good, begin)
        n += sum(x.start <= t and x.end >= begin for x in lost)
        early += n < limit
    return over, early, 100.0 if early else 0.0


class Steps:
    """A sum that changes at times."""

    def __init__(self, changes):
        by_time = collections.Counter()
        for t, n in changes:
            by_time[t] += n
        self.t = [float("-inf")] + sorted(by_time)
        self.n = [0] + list(itertools.accumulate(
            by_time[t] for t in self.t[1:]))

    def most(self, start, end):
        i = bisect.bisect_right(self.t, start) - 1
        return max(self.n[i:bisect.bisect_right(self.t, end)])

    def since(self, t, most):
        """From when up to t it was never above most."""
        i = bisect.bisect_right(self.t, t) - 1
        while i > 0 and self.n[i - 1] <= most:
            i -= 1
        return self.t[i]


class Left:
    """What has left a window, in order."""

    def __init__(self, gone):
        gone = sorted(gone)
        self.t = [t for t, _ in gone]
        self.sums = [0] + list(itertools.accumulate(n for _, n in gone))

    def since(self, t, room):
        """When that left by t without which the room was not filled."""
        had = self.sums[bisect.bisect_right(self.t, t)] - room
        i = bisect.bisect_left(self.sums, had) - 1
        return self.t[i] if i >= 0 else float("-inf")


class Amounts:
    """Requests that hold a part of a limit. bad: (start, end) of refusals, the
    decision was somewhere in there; each wanted want. One is early when all
    that may have been held left room for it, by as long as what would have
    filled that had left the window."""

    def __init__(self, holds, bad, limit, period, want):
        forever = float("inf")
        begin = min([h.first for h in holds] or [0])
        low, high = [], []
        for h in holds:
            if h.a is not None:
                end, least = max(h.a, h.b), max(h.low, h.least)
                low += [(h.a, least), (end, h.low - least),
                        (end + (period or forever), -h.low)]
            top = max(h.most, h.high)
            high += [(h.first, top), (h.last + 1, h.high - top),
                     (h.last + (period or forever), -h.high)]
        low, high = Steps(low), Steps(high)
        left_low = Left((max(h.a, h.b) + (period or forever), h.low)
                        for h in holds if h.a is not None)
        left_high = Left((h.last + (period or forever), h.high)
                         for h in holds)
        self.peak = max(low.n)          # what was surely held at once
        self.over = max(0, self.peak - limit)
        self.early, self.most = 0, 0.0
        self.proved, self.open, self.open_us = 0, 0, 0
        for start, end in bad:
            room = limit - want - high.most(start, end)
            if room >= 0:
                late = max(0, start - left_high.since(end, room))
                self.early += 1
                self.most = max(self.most, 100.0 if period is None else
                                min(100.0, 100.0 * late / period))
            room = limit - want - low.most(start, end)
            if room < 0:
                self.proved += 1
                continue
            # what is sure does not explain it: early by so much at most
            self.open += 1
            self.open_us = max(self.open_us, start - max(
                begin, low.since(start, limit - want),
                left_low.since(start, room)))


def check_the_checks():
    """What they must find in a history that is wrong."""
    good = list(range(100, 107))
    assert sliding(good, [106, 1099], [], 7, 1000) == (0, 0, 0.0)
    assert sliding(good + [1099], [], [], 7, 1000)[0] == 1
    assert sliding(good + [1100], [], [], 7, 1000)[0] == 0
    assert sliding(good, [105, 1100, 1104], [], 7, 1000) == (0, 3, 100.0)
    assert sliding(good, [1104], [], 7, 1000)[1:] == (1, 0.4)
    # one was lost: it may be any of these, and is nothing before or later
    lost = [Lost(103, 300, 0)]
    assert sliding(good[:6], [104, 105, 1099], lost, 7, 1000) == (0, 1, 100.0)
    assert sliding([0, 1, 2, 3, 4, 5], [102], lost, 7, 1000)[1] == 1
    assert sliding(good[:6], [1100], lost, 7, 1000) == (0, 1, 0.0)
    assert sliding(good[:6], [1300], lost, 1, 1000)[1] == 1
    assert sliding(good[:6], [1299], lost, 1, 1000)[1] == 0
    assert sliding(good, [], [Lost(103, 300, 1)], 7, 1000)[0] == 1
    assert sliding(good, [], [Lost(103, 300, 0)], 7, 1000)[0] == 0
    assert sliding(good, [], [Lost(103, 1200, 1)], 7, 1000)[0] == 0
    # a pause is a window of one
    assert sliding([0, 49], [48], [], 1, 50) == (1, 0, 0.0)
    assert sliding([0, 50], [49, 100], [], 1, 50)[:2] == (0, 1)
    assert calendar(good, [106], [], 7, 1000, 0) == (0, 0, 0.0)
    assert calendar(good, [105, 1000], [], 7, 1000, 0)[:2] == (0, 2)
    assert calendar(good, [], [], 6, 1000, 0)[0] == 1
    assert calendar(good, [], [Lost(200, 300, 1)], 7, 1000, 0)[0] == 1
    assert calendar(good, [], [Lost(200, 1300, 1)], 7, 1000, 0)[0] == 0
    assert calendar(good, [150, 250], [Lost(200, 300, 0)], 8, 1000, 0)[1] == 1

    def held(*times):
        return [Hold(t, t + 10, t, t + 12, 40, 40, 30, 30) for t in times]

    a = Amounts(held(0, 1), [(5, 5), (500, 500)], 100, 1000, 30)
    assert (a.over, a.early, a.proved, a.peak) == (0, 1, 1, 80), vars(a)
    assert a.most == 100, a.most
    assert Amounts(held(0, 1, 2), [], 100, 1000, 40).over == 20
    assert Amounts(held(0, 500, 900), [], 90, 1000, 40).over == 10
    assert Amounts(held(0, 500, 1010), [], 90, 1000, 40).over == 0
    assert Amounts(held(0, 500, 1010), [], 90, None, 40).over == 10
    # they left at 1012 and 1013: one explains a refusal of 60, not of 30
    a = Amounts(held(0, 1), [(1009, 1009), (1011, 1011)], 60, 1000, 30)
    assert (a.early, a.proved, a.open, a.open_us) == (0, 1, 1, 1), vars(a)
    for want, left in (30, 2), (60, 1), (61, None):
        a = Amounts(held(0, 1), [(1014, 1015)], 60, 1000, want)
        assert (a.early, a.most) == ((0, 0) if left is None else
                                     (1, left / 10)), (want, vars(a))
    a = Amounts(held(0, 1), [(1011, 1020)], 61, None, 1)
    assert (a.early, a.most) == (1, 100), vars(a)
    a = Amounts(held(0, 1), [(1011, 1020)], 60, None, 1)
    assert (a.early, a.proved) == (0, 1), vars(a)
