from ui.lab_papers import Paper, PaperStore

PAPER = Paper(b"12345", "text/plain")


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_a_paper_is_there_until_it_is_dropped():
    store = PaperStore()
    token = store.put(PAPER)
    assert store.get(token) == PAPER
    store.drop([token, "unknown"])
    assert store.get(token) is None


def test_a_taken_paper_is_gone():
    store = PaperStore()
    token = store.put(PAPER)
    assert (store.take(token), store.take(token)) == (PAPER, None)


def test_tokens_are_long_and_differ():
    tokens = {PaperStore().put(PAPER) for _ in range(50)}
    # 32 bytes are 43 characters of base64.
    assert len(tokens) == 50 and {len(token) for token in tokens} == {43}


def test_a_paper_goes_after_its_time():
    clock = Clock()
    store = PaperStore(lifetime_s=10, clock=clock)
    token = store.put(PAPER)
    clock.now = 9.9
    assert store.get(token)
    clock.now = 10.0
    assert store.get(token) is None


def test_the_oldest_make_room_for_the_newest():
    store = PaperStore(max_bytes=11)
    first, second, third = (store.put(PAPER) for _ in range(3))
    # 15 bytes do not fit into 11, 10 do.
    assert store.get(first) is None and store.get(second) and store.get(third)
